import { findChromium, findHeadlessShell } from './chromium.mjs'
import { findFirefox } from './firefox.mjs'
import { findPromtool } from './promtool.mjs'
import { findRedisServer } from './redis-server.mjs'
import { runAloud } from './run-aloud.mjs'

/**
 * What tests need beside npm packages, by its Debian package. `variable`: where the user may name the program.
 *
 * @typedef {{ purpose: string, variable: string, find: () => string | undefined }} Tool
 * @type {Record<string, Tool>}
 */
export const tools = {
  chromium: { purpose: 'tests in a real browser', variable: 'CHROMIUM_PATH', find: () => findChromium() },
  // No stage needs it: all of Chromium stands in, and takes longer.
  'chromium-headless-shell': {
    purpose: 'pages in tests',
    variable: 'HEADLESS_SHELL_PATH',
    find: () => findHeadlessShell(),
  },
  'firefox-esr': { purpose: 'tests in a second browser', variable: 'FIREFOX_PATH', find: () => findFirefox() },
  prometheus: { purpose: 'tests of the alert rules', variable: 'PROMTOOL_PATH', find: () => findPromtool() },
  'redis-server': {
    purpose: 'tests of what server processes share',
    variable: 'REDIS_SERVER_PATH',
    find: () => findRedisServer(),
  },
}

/**
 * Where packages would be installed. `run` tells whether a command has succeeded.
 *
 * @typedef {{ env: NodeJS.ProcessEnv, isRoot: boolean, run: (command: string, words: string[]) => Promise<boolean> }} Machine
 */

/**
 * Installs what is missing with apt, when this is root on a Debian and nobody said `AUTHFLIGHT_INSTALL=never`.
 *
 * @param {Machine} machine
 * @param {Record<string, Tool>} wanted
 * @returns {Promise<Map<string, string>>} what is still missing, each with one sentence on why and what to do
 */
export async function ensureDebianPackages(machine, wanted = tools) {
  const missing = Object.entries(wanted).filter(([, tool]) => !tool.find())
  const obstacles = new Map(missing.map(([name, tool]) => [name, findObstacle(tool, machine)]))
  const installable = missing.map(([name]) => name).filter((name) => !obstacles.get(name))
  const failure = installable.length > 0 ? await install(installable, machine) : undefined
  return new Map(
    missing
      .filter(([, tool]) => !tool.find())
      .map(([name, { purpose }]) => {
        const why = obstacles.get(name) ?? failure ?? 'it is installed, yet cannot be found'
        return [name, `${name} is missing, for ${purpose}: ${why}.`]
      }),
  )
}

/**
 * @param {Tool} tool
 * @param {Machine} machine
 */
function findObstacle({ variable }, { env, isRoot }) {
  if (env[variable]) return `${variable} names no program; correct it, or unset it to have one looked for`
  if (env.AUTHFLIGHT_INSTALL === 'never') return 'AUTHFLIGHT_INSTALL=never forbids installing it'
  if (!isRoot) return `installing it needs root; install it yourself, or name it in ${variable}`
  return undefined
}

/**
 * @param {string[]} missing
 * @param {Machine} machine
 */
async function install(missing, { run }) {
  if (!(await run('apt-get', ['update']))) return '`apt-get update` failed; apt says why above'
  const get = (/** @type {string[]} */ names) =>
    run('apt-get', ['install', '--yes', '--no-install-recommends', ...names])
  if (await get(missing)) return undefined
  // It takes all or nothing, and one of them may be unknown to this Debian.
  if (missing.length > 1) for (const name of missing) await get([name])
  return '`apt-get install` failed; apt says why above'
}

/**
 * The machine that this runs on.
 *
 * @param {(chunk: string | Uint8Array) => void} say is told each command and what it says
 * @returns {Machine}
 */
export function thisMachine(say) {
  return {
    env: process.env,
    isRoot: process.getuid?.() === 0,
    async run(program, words) {
      say(`$ ${[program, ...words].join(' ')}\n`)
      try {
        return (
          (await runAloud(program, words, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, say })) === 0
        )
      } catch (error) {
        say(`${String(error)}\n`)
        return false
      }
    },
  }
}
