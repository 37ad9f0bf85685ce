import { findOnPath, isExecutable } from './executables.mjs'

const names = ['firefox-esr', 'firefox']

/**
 * Finds a Firefox on this machine: `FIREFOX_PATH`, then the search path. A `FIREFOX_PATH` that cannot be run is not
 * quietly replaced by another one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} the path of its executable
 */
export function findFirefox(env = process.env) {
  if (env.FIREFOX_PATH) return isExecutable(env.FIREFOX_PATH) ? env.FIREFOX_PATH : undefined
  return findOnPath(names, env)
}
