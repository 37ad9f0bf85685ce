import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findChromium } from './chromium.mjs'
import { runVisibly } from './run-visibly.mjs'

/**
 * What tests need beside npm packages, by its Debian package.
 *
 * @typedef {{ purpose: string, find: () => string | undefined }} Tool
 * @type {Record<string, Tool>}
 */
export const tools = {
  chromium: { purpose: 'tests in a real browser', find: () => findChromium() },
  prometheus: { purpose: 'tests of the alert rules', find: () => findOnPath('promtool') },
}

/**
 * Installs what is missing with apt, when this is root on a Debian and nobody said `AUTHFLIGHT_INSTALL=never`.
 *
 * @param {Record<string, Tool>} wanted
 * @param {{ env: NodeJS.ProcessEnv, isRoot: boolean, run: (command: string, words: string[]) => boolean }} machine
 * @returns {Map<string, string>} what is still missing, each with one sentence on why and what to do
 */
export function ensureDebianPackages(wanted = tools, machine = thisMachine()) {
  const missing = Object.keys(wanted).filter((name) => !wanted[name]?.find())
  if (missing.length === 0) return new Map()
  const obstacle = findObstacle(machine) ?? install(missing, machine)
  return new Map(
    missing
      .filter((name) => !wanted[name]?.find())
      .map((name) => [
        name,
        `${name} is missing, for ${wanted[name]?.purpose}: ${obstacle ?? 'it is installed, yet cannot be found'}.`,
      ]),
  )
}

/**
 * @param {string} program
 * @returns {string | undefined} its path
 */
function findOnPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path))
}

/** @param {ReturnType<typeof thisMachine>} machine */
function findObstacle({ env, isRoot }) {
  if (env.CHROMIUM_PATH) return 'CHROMIUM_PATH names no program; correct it, or unset it to have one looked for'
  if (env.AUTHFLIGHT_INSTALL === 'never') return 'AUTHFLIGHT_INSTALL=never forbids installing it'
  if (!isRoot) return 'installing it needs root; install it yourself, or name it in CHROMIUM_PATH'
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
