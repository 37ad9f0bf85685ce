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
 * @property {string} [after] a stage of its lane without whose success it says nothing
 */

/** @typedef {{ stage: Stage, seconds: number, verdict: import('./lib/verdict.mjs').Verdict }} Result */

/** @type {Stage[]} */
const checks = [
  { name: 'format', script: 'format:check' },
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'types' },
  { name: 'unused', script: 'check:unused' },
  { name: 'build', script: 'build' },
  { name: 'packages', script: 'check:packages', after: 'build', needs: 'chromium' },
  { name: 'sizes', script: 'check:sizes', after: 'build' },
  { name: 'rules', script: 'test:rules', suites: ['docs/observability'], needs: 'prometheus' },
  { name: 'redis', script: 'test:redis', suites: ['packages/server'], needs: 'redis-server' },
]

/** @type {Stage[]} */
const drivenBrowsers = [
  { name: 'e2e', script: 'test:e2e', suites: ['apps/playground/e2e', 'packages/react/e2e'], needs: 'chromium' },
  { name: 'firefox', script: 'test:firefox', suites: ['apps/playground/e2e'], needs: 'firefox-esr' },
]

/** @type {Stage[]} */
const tests = [
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
]

/**
 * Browsers that are driven leave a processor free, which the checks take: both lanes run side by side. The other tests take all there are.
 * What the first lane says is heard at once, what another one says when its stage has ended.
 */
const rounds = [[drivenBrowsers, checks], [tests]]

await runScript(async () => {
  ensureNodePackages()
  const missing = ensureDebianPackages()

  /** @type {Result[]} */
  const results = []
  for (const lanes of rounds) await Promise.all(lanes.map((lane, nth) => runLane(lane, nth === 0, missing, results)))
  summarize(results)
})

/**
 * @param {Stage[]} lane
 * @param {boolean} isHeard whether its output is to be seen as it comes
 * @param {Map<string, string>} missing
 * @param {Result[]} results
 */
async function runLane(lane, isHeard, missing, results) {
  for (const stage of lane) {
    if (isHeard) console.log(`\n── ${stage.name} ──`)
    const begun = performance.now()
    const obstacle =
      (stage.needs && missing.get(stage.needs)) ??
      (results.some(({ stage: { name }, verdict }) => name === stage.after && verdict.failed > 0)
        ? `not run: ${stage.after} failed`
        : undefined)
    /** @type {Uint8Array[]} */
    const kept = []
    const verdict = obstacle
      ? failedWith(obstacle)
      : await run(stage, (piece) => void (isHeard ? process.stdout.write(piece) : kept.push(piece)))
    const seconds = (performance.now() - begun) / 1000
    results.push({ stage, seconds, verdict })
    if (!isHeard) process.stdout.write(`\n── ${stage.name} ──\n${Buffer.concat(kept).toString()}`)
    console.log(`${stage.name}: ${verdict.failed === 0 ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s`)
  }
}

/**
 * @param {Stage} stage
 * @param {(piece: Uint8Array) => void} say is given its output
 * @returns {Promise<import('./lib/verdict.mjs').Verdict>}
 */
async function run({ name, script, suites }, say) {
  if (!suites) return judgeCheck(await runNpm(script, [], say))
  const report = join(root, 'test-results', `${name}.json`)
  rmSync(report, { force: true })
  if (name === 'unit') rmSync(join(root, 'test-results', 'telemetry'), { recursive: true, force: true })
  const exitCode = await runNpm(script, ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`], say)
  return judgeTests(
    existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined,
    suites.map((suite) => join(root, suite)),
    exitCode,
  )
}

/**
 * @param {string} script
 * @param {string[]} words
 * @param {(piece: Uint8Array) => void} say is given its output
 * @returns {Promise<number | null>} its exit code, or null when a signal ended it
 */
function runNpm(script, words, say) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script, '--', ...words], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...toolEnvironment(), ...toolPaths(), ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
      shell: process.platform === 'win32',
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', say)
    child.on('error', reject)
    child.on('close', resolve)
  })
}

/** The programs that were found, where the tests look for them. */
function toolPaths() {
  return Object.fromEntries(Object.values(tools).map(({ variable, find }) => [variable, find()]))
}

/** @param {Result[]} results */
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
