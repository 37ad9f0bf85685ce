import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Finds a Redis or Valkey server on this machine: `REDIS_SERVER_PATH`, then the search path. A `REDIS_SERVER_PATH` that cannot be run
 * is not quietly replaced by another one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} the path of its executable
 */
export function findRedisServer(env = process.env) {
  if (env.REDIS_SERVER_PATH) return isExecutable(env.REDIS_SERVER_PATH) ? env.REDIS_SERVER_PATH : undefined
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  return ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
