// `npm test`: installs what the tests need, runs every stage, and says at the end what passed and what failed.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from './lib/complaint.mjs'
import { ensureDebianPackages, thisMachine, tools } from './lib/debian-packages.mjs'
import { ensureNodePackages, toolEnvironment } from './lib/node-packages.mjs'
import { root } from './lib/root.mjs'
import { runAloud } from './lib/run-aloud.mjs'
import { doSideBySide } from './lib/side-by-side.mjs'
import { failedWith, judgeCheck, judgeTests } from './lib/verdict.mjs'

/**
 * @typedef {import('./lib/side-by-side.mjs').Say} Say
 * @typedef {import('./lib/verdict.mjs').Verdict} Verdict
 *
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} script the npm script that runs it
 * @property {string[]} [suites] folders that must each hold a test, for a stage whose tests are counted
 * @property {string[]} [needs] stages that must have passed, and Debian packages, without which it cannot run
 *
 * @typedef {{ name: string, seconds: number, verdict: Verdict, suites?: string[] }} Result
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
  { name: 'packages', script: 'check:packages', needs: ['build', 'chromium'] },
  { name: 'sizes', script: 'check:sizes', needs: ['build'] },
  {
    name: 'e2e',
    script: 'test:e2e',
    suites: ['apps/playground/e2e', 'packages/react/e2e'],
    needs: ['chromium'],
  },
  // Reads what the unit tests have noted.
  { name: 'telemetry', script: 'check:telemetry', needs: ['unit'] },
  {
    name: 'browser',
    script: 'test:browser',
    suites: ['packages/client', 'packages/devtools', 'packages/react', 'packages/telemetry', 'packages/testing'],
    needs: ['chromium'],
  },
  {
    name: 'sdk-3',
    script: 'test:sdk-3',
    suites: ['packages/client/test/sdk-3', 'packages/client/test/telemetry'],
    needs: ['chromium'],
  },
  {
    name: 'react-18',
    script: 'test:react-18',
    suites: ['packages/devtools', 'packages/react'],
    needs: ['chromium'],
  },
  { name: 'redis', script: 'test:redis', suites: ['packages/server'], needs: ['redis-server'] },
  { name: 'firefox', script: 'test:firefox', suites: ['apps/playground/e2e'], needs: ['firefox-esr'] },
  { name: 'rules', script: 'test:rules', suites: ['docs/observability'], needs: ['prometheus'] },
]

await runScript(async () => {
  ensureNodePackages()
  /** Why a stage cannot run, by the name of what it needs. */
  const obstacles = /** @type {Map<string, string>} */ (new Map())

  /** @type {import('./lib/side-by-side.mjs').Task<Result>} */
  const programs = {
    name: 'programs',
    work: (say) =>
      report('programs', say, async () => {
        for (const [program, why] of await ensureDebianPackages(thisMachine(say))) obstacles.set(program, why)
        return { passed: 0, failed: 0, notes: [] }
      }),
  }
  /**
   * @param {Stage} stage
   * @returns {import('./lib/side-by-side.mjs').Task<Result>}
   */
  const toTask = ({ name, script, suites, needs = [] }) => ({
    name,
    after: needs.map((need) => (need in tools ? programs.name : need)),
    work: async (say) => {
      const obstacle = needs.map((need) => obstacles.get(need)).find(Boolean)
      const result = await report(name, say, async () =>
        obstacle
          ? failedWith(obstacle)
          : suites
            ? runTests(name, script, suites, say)
            : judgeCheck(await runNpm(script, [], say)),
      )
      if (result.verdict.failed > 0) obstacles.set(name, `not run: ${name} failed`)
      return { ...result, ...(suites && { suites }) }
    },
  })

  // On two processors: what waits for a browser or the network leaves one of them to what computes.
  const results = await doSideBySide([programs, ...stages.map(toTask)], {
    room: 2,
    show: (chunk) => void process.stdout.write(chunk),
  })
  summarize(results)
})

/**
 * @param {string} name
 * @param {Say} say
 * @param {() => Promise<Verdict>} judge
 * @returns {Promise<Result>}
 */
async function report(name, say, judge) {
  say(`\n── ${name} ──\n`)
  const begun = performance.now()
  const verdict = await judge()
  const seconds = (performance.now() - begun) / 1000
  say(`${name}: ${verdict.failed === 0 ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s\n`)
  return { name, seconds, verdict }
}

/**
 * @param {string} name
 * @param {string} script
 * @param {string[]} suites
 * @param {Say} say
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
 * @param {Say} say
 */
function runNpm(script, words, say) {
  return runAloud('npm', ['run', '--silent', script, '--', ...words], {
    cwd: root,
    env: { ...toolEnvironment(), ...toolPaths(), ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
    say,
  })
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
