import { findOnPath, isExecutable } from './executables.mjs'

/**
 * Finds the tool that tests Prometheus rules: `PROMTOOL_PATH`, then the search path. A `PROMTOOL_PATH` that cannot be run is not
 * quietly replaced by another one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} the path of its executable
 */
export function findPromtool(env = process.env) {
  if (env.PROMTOOL_PATH) return isExecutable(env.PROMTOOL_PATH) ? env.PROMTOOL_PATH : undefined
  return findOnPath(['promtool'], env)
}
