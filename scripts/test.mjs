// `npm test`: installs what the tests need, runs every stage, and says at the end what passed and what failed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDebianPackages, tools } from './lib/debian-packages.mjs'
import { ensureNodePackages, toolEnvironment } from './lib/node-packages.mjs'
import { root } from './lib/root.mjs'
import { runScript } from './lib/complaint.mjs'
import { failedWith, judgeCheck, judgeTests } from './lib/verdict.mjs'

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} script the npm script that runs it
 * @property {string[]} [suites] folders that must each hold a test, for a stage whose tests are counted
 * @property {string} [needs] a Debian package without which it cannot run
 * @property {string} [after] a stage without whose success it says nothing
 */

/** @type {Stage[]} */
const stages = [
  { name: 'format', script: 'format:check' },
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'types' },
  { name: 'unused', script: 'check:unused' },
  { name: 'build', script: 'build' },
  { name: 'packages', script: 'check:packages', after: 'build', needs: 'chromium' },
  { name: 'sizes', script: 'check:sizes', after: 'build' },
  {
    name: 'unit',
    script: 'test:unit',
    suites: [
      'apps/bench',
      'apps/playground',
      'packages/client',
      'packages/devtools',
      'packages/react',
      'packages/server',
      'packages/telemetry',
      'packages/testing',
      'scripts',
    ],
  },
  {
    name: 'sdk-3',
    script: 'test:sdk-3',
    suites: ['packages/client/test/sdk-3', 'packages/client/test/telemetry'],
    needs: 'chromium',
  },
  { name: 'rules', script: 'test:rules', suites: ['docs/observability'], needs: 'prometheus' },
  // Reads what the unit tests have noted.
  { name: 'telemetry', script: 'check:telemetry' },
  {
    name: 'browser',
    script: 'test:browser',
    suites: ['packages/client', 'packages/devtools', 'packages/react', 'packages/telemetry', 'packages/testing'],
    needs: 'chromium',
  },
  {
    name: 'react-18',
    script: 'test:react-18',
    suites: ['packages/devtools', 'packages/react'],
    needs: 'chromium',
  },
  { name: 'redis', script: 'test:redis', suites: ['packages/server'], needs: 'redis-server' },
  { name: 'e2e', script: 'test:e2e', suites: ['apps/playground/e2e', 'packages/react/e2e'], needs: 'chromium' },
  { name: 'firefox', script: 'test:firefox', suites: ['apps/playground/e2e'], needs: 'firefox-esr' },
]

await runScript(async () => {
  ensureNodePackages()
  const missing = ensureDebianPackages()

  /** @type {{ stage: Stage, seconds: number, verdict: import('./lib/verdict.mjs').Verdict }[]} */
  const results = []
  for (const stage of stages) {
    console.log(`\n── ${stage.name} ──`)
    const begun = performance.now()
    const obstacle =
      (stage.needs && missing.get(stage.needs)) ??
      (results.some(({ stage: { name }, verdict }) => name === stage.after && verdict.failed > 0)
        ? `not run: ${stage.after} failed`
        : undefined)
    const verdict = obstacle ? failedWith(obstacle) : await run(stage)
    const seconds = (performance.now() - begun) / 1000
    results.push({ stage, seconds, verdict })
    console.log(`${stage.name}: ${verdict.failed === 0 ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s`)
  }
  summarize(results)
})

/**
 * @param {Stage} stage
 * @returns {Promise<import('./lib/verdict.mjs').Verdict>}
 */
async function run({ name, script, suites }) {
  if (!suites) return judgeCheck(await runNpm(script, []))
  const report = join(root, 'test-results', `${name}.json`)
  rmSync(report, { force: true })
  if (name === 'unit') rmSync(join(root, 'test-results', 'telemetry'), { recursive: true, force: true })
  const exitCode = await runNpm(script, ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
  return judgeTests(
    existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined,
    suites.map((suite) => join(root, suite)),
    exitCode,
  )
}

/**
 * @param {string} script
 * @param {string[]} words
 * @returns {Promise<number | null>} its exit code, or null when a signal ended it
 */
function runNpm(script, words) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script, '--', ...words], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...toolEnvironment(), ...toolPaths() },
      shell: process.platform === 'win32',
    })
    child.on('error', reject)
    child.on('close', resolve)
  })
}

/** The programs that were found, where the tests look for them. */
function toolPaths() {
  return Object.fromEntries(Object.values(tools).map(({ variable, find }) => [variable, find()]))
}

/** @param {{ stage: Stage, seconds: number, verdict: import('./lib/verdict.mjs').Verdict }[]} results */
function summarize(results) {
  console.log('\n── summary ──')
  for (const { stage, seconds, verdict } of results) {
    const state = verdict.failed === 0 ? 'passed' : 'FAILED'
    const tests = stage.suites ? `  ${verdict.passed} of ${verdict.passed + verdict.failed} tests` : ''
    console.log(`${stage.name.padEnd(10)}${state}${seconds.toFixed(1).padStart(8)} s${tests}`)
    for (const note of verdict.notes) console.log(`          - ${note}`)
  }
  const passed = results.reduce((sum, { verdict }) => sum + verdict.passed, 0)
  const failed = results.reduce((sum, { verdict }) => sum + verdict.failed, 0)
  console.log(`\n${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}
