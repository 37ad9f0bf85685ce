import { findChromium } from './chromium.mjs'
import { findFirefox } from './firefox.mjs'
import { findPromtool } from './promtool.mjs'
import { findRedisServer } from './redis-server.mjs'
import { runVisibly } from './run-visibly.mjs'

/**
 * What tests need beside npm packages, by its Debian package. `variable`: where the user may name the program.
 *
 * @typedef {{ purpose: string, variable: string, find: () => string | undefined }} Tool
 * @type {Record<string, Tool>}
 */
export const tools = {
  chromium: { purpose: 'tests in a real browser', variable: 'CHROMIUM_PATH', find: () => findChromium() },
  'firefox-esr': { purpose: 'tests in a second browser', variable: 'FIREFOX_PATH', find: () => findFirefox() },
  prometheus: { purpose: 'tests of the alert rules', variable: 'PROMTOOL_PATH', find: () => findPromtool() },
  'redis-server': {
    purpose: 'tests of what server processes share',
    variable: 'REDIS_SERVER_PATH',
    find: () => findRedisServer(),
  },
}

/**
 * Installs what is missing with apt, when this is root on a Debian and nobody said `AUTHFLIGHT_INSTALL=never`.
 *
 * @param {Record<string, Tool>} wanted
 * @param {{ env: NodeJS.ProcessEnv, isRoot: boolean, run: (command: string, words: string[]) => boolean }} machine
 * @returns {Map<string, string>} what is still missing, each with one sentence on why and what to do
 */
export function ensureDebianPackages(wanted = tools, machine = thisMachine()) {
  const missing = Object.entries(wanted).filter(([, tool]) => !tool.find())
  const obstacles = new Map(missing.map(([name, tool]) => [name, findObstacle(tool, machine)]))
  const installable = missing.map(([name]) => name).filter((name) => !obstacles.get(name))
  const failure = installable.length > 0 ? install(installable, machine) : undefined
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
 * @param {ReturnType<typeof thisMachine>} machine
 */
function findObstacle({ variable }, { env, isRoot }) {
  if (env[variable]) return `${variable} names no program; correct it, or unset it to have one looked for`
  if (env.AUTHFLIGHT_INSTALL === 'never') return 'AUTHFLIGHT_INSTALL=never forbids installing it'
  if (!isRoot) return `installing it needs root; install it yourself, or name it in ${variable}`
  return undefined
}

/**
 * @param {string[]} missing
 * @param {ReturnType<typeof thisMachine>} machine
 */
function install(missing, { run }) {
  if (!run('apt-get', ['update'])) return '`apt-get update` failed; apt says why above'
  if (!run('apt-get', ['install', '--yes', '--no-install-recommends', ...missing])) {
    return '`apt-get install` failed; apt says why above'
  }
  return undefined
}

function thisMachine() {
  return { env: process.env, isRoot: process.getuid?.() === 0, run }
}

/**
 * A program that does not exist has failed, too.
 *
 * @param {string} program
 * @param {string[]} words
 */
function run(program, words) {
  const { error, status } = runVisibly(program, words, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  if (error) console.error(error.message)
  return status === 0
}
