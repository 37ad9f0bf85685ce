// `npm test`: installs what the tests need, runs every stage, and says at the end what passed and what failed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { runScript } from './lib/complaint.mjs'
import { ensureDebianPackages, thisMachine, tools } from './lib/debian-packages.mjs'
import { ensureNodePackages, toolEnvironment } from './lib/node-packages.mjs'
import { root } from './lib/root.mjs'
import { runAloud } from './lib/run-aloud.mjs'
import { failedWith, judgeCheck, judgeTests } from './lib/verdict.mjs'

/**
 * @typedef {import('./lib/verdict.mjs').Verdict} Verdict
 *
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} script the npm script that runs it
 * @property {string[]} [suites] folders that must each hold a test, for a stage whose tests are counted
 * @property {string[]} [needs] stages that must have passed, and Debian packages, without which it cannot run
 * @property {Stage[]} [meanwhile] stages that run one after the other on what this one leaves idle of the processors
 *
 * @typedef {{ name: string, seconds: number, verdict: Verdict, suites?: string[] }} Result
 *
 * @typedef {(chunk: string | Uint8Array) => void} Say
 */

/** @type {Stage[]} */
const stages = [
  { name: 'format', script: 'format:check' },
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'types' },
  { name: 'unused', script: 'check:unused' },
  { name: 'build', script: 'build' },
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
  // Reads what the unit tests have noted.
  { name: 'telemetry', script: 'check:telemetry', needs: ['unit'] },
  {
    name: 'e2e',
    script: 'test:e2e',
    suites: ['apps/playground/e2e', 'packages/react/e2e'],
    needs: ['chromium'],
    // Whoever drives a browser waits for it much of the time.
    meanwhile: [
      { name: 'packages', script: 'check:packages', needs: ['build', 'chromium'] },
      { name: 'sizes', script: 'check:sizes', needs: ['build'] },
      { name: 'rules', script: 'test:rules', suites: ['docs/observability'], needs: ['prometheus'] },
      {
        name: 'sdk-3',
        script: 'test:sdk-3',
        suites: ['packages/client/test/sdk-3', 'packages/client/test/telemetry', 'packages/server'],
        needs: ['chromium'],
      },
      {
        name: 'react-18',
        script: 'test:react-18',
        suites: ['packages/devtools', 'packages/react'],
        needs: ['chromium'],
      },
      { name: 'redis', script: 'test:redis', suites: ['packages/server'], needs: ['redis-server'] },
    ],
  },
  {
    name: 'browser',
    script: 'test:browser',
    suites: ['packages/client', 'packages/devtools', 'packages/react', 'packages/telemetry', 'packages/testing'],
    needs: ['chromium'],
    meanwhile: [{ name: 'firefox', script: 'test:firefox', suites: ['apps/playground/e2e'], needs: ['firefox-esr'] }],
  },
]

await runScript(async () => {
  ensureNodePackages()
  const programs = installPrograms()
  /** Why a stage cannot run, by the name of what it needs. */
  const obstacles = /** @type {Map<string, string>} */ (new Map())

  /**
   * @param {Stage} stage
   * @param {Say} [say] where it is told, by one that keeps out of the way of others
   * @returns {Promise<Result>}
   */
  async function run({ name, script, suites, needs = [] }, say) {
    const begun = performance.now()
    const tell = say ?? ((text) => void process.stdout.write(text))
    tell(`\n── ${name} ──\n`)
    if (needs.some((need) => need in tools)) for (const [program, why] of await programs()) obstacles.set(program, why)
    const obstacle = needs.map((need) => obstacles.get(need)).find(Boolean)
    const verdict = obstacle
      ? failedWith(obstacle)
      : suites
        ? await runTests(name, script, suites, say)
        : judgeCheck(await runNpm(script, [], say))
    if (verdict.failed > 0) obstacles.set(name, `not run: ${name} failed`)
    const seconds = (performance.now() - begun) / 1000
    tell(`${name}: ${verdict.failed === 0 ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s\n`)
    return { name, seconds, verdict, ...(suites && { suites }) }
  }

  /** @param {Stage[]} stages */
  async function runAside(stages) {
    const said = /** @type {(string | Uint8Array)[]} */ ([])
    const results = /** @type {Result[]} */ ([])
    for (const stage of stages) results.push(await run(stage, (chunk) => void said.push(chunk)))
    return { said, results }
  }

  /** @type {Result[]} */
  const results = []
  for (const stage of stages) {
    const [result, aside] = await Promise.all([run(stage), runAside(stage.meanwhile ?? [])])
    for (const chunk of aside.said) process.stdout.write(chunk)
    results.push(result, ...aside.results)
  }
  summarize(results)
})

/**
 * Installs what is missing while the first stages run, which need none of it. What apt says is shown to whoever waits for it first.
 *
 * @returns {() => Promise<Map<string, string>>} gives what is still missing, each with why
 */
function installPrograms() {
  /** @type {(string | Uint8Array)[]} */
  const said = []
  const installed = ensureDebianPackages(thisMachine((chunk) => void said.push(chunk)))
  return async () => {
    const missing = await installed
    for (const chunk of said.splice(0)) process.stdout.write(chunk)
    return missing
  }
}

/**
 * @param {string} name
 * @param {string} script
 * @param {string[]} suites
 * @param {Say} [say]
 * @returns {Promise<Verdict>}
 */
async function runTests(name, script, suites, say) {
  const file = join(root, 'test-results', `${name}.json`)
  rmSync(file, { force: true })
  if (name === 'unit') rmSync(join(root, 'test-results', 'telemetry'), { recursive: true, force: true })
  const end = await runNpm(script, ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`], say)
  return judgeTests(
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined,
    suites.map((suite) => join(root, suite)),
    end,
  )
}

/**
 * @param {string} script
 * @param {string[]} words
 * @param {Say} [say] is told what it says; it gets only what others leave of the processors
 * @returns {Promise<number | string>} its exit code, or the signal that ended it
 */
async function runNpm(script, words, say) {
  const line = ['run', '--silent', script, '--', ...words]
  const env = { ...toolEnvironment(), ...toolPaths() }
  if (say) return runAloud('npm', line, { cwd: root, env, say, priority: constants.priority.PRIORITY_LOW })
  const child = spawn('npm', line, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
    shell: process.platform === 'win32',
  })
  const [code, signal] = await once(child, 'close')
  return signal ?? code
}

/** The programs that were found, where the tests look for them. */
function toolPaths() {
  return Object.fromEntries(Object.values(tools).map(({ variable, find }) => [variable, find()]))
}

/** @param {Result[]} results */
function summarize(results) {
  console.log('\n── summary ──')
  for (const { name, seconds, verdict, suites } of results) {
    const state = verdict.failed === 0 ? 'passed' : 'FAILED'
    const tests = suites ? `  ${verdict.passed} of ${verdict.passed + verdict.failed} tests` : ''
    console.log(`${name.padEnd(10)}${state}${seconds.toFixed(1).padStart(8)} s${tests}`)
    for (const note of verdict.notes) console.log(`          - ${note}`)
  }
  const passed = results.reduce((sum, { verdict }) => sum + verdict.passed, 0)
  const failed = results.reduce((sum, { verdict }) => sum + verdict.failed, 0)
  console.log(`\n${passed} passed, ${failed} failed in ${(performance.now() / 1000).toFixed(0)} s`)
  if (failed > 0) process.exitCode = 1
}
