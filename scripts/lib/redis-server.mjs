import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { Complaint } from './complaint.mjs'
import { findOnPath, isExecutable } from './executables.mjs'

/**
 * Finds a Redis or Valkey server on this machine: `REDIS_SERVER_PATH`, then the search path. A `REDIS_SERVER_PATH` that cannot be run
 * is not quietly replaced by another one.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} the path of its executable
 */
export function findRedisServer(env = process.env) {
  if (env.REDIS_SERVER_PATH) return isExecutable(env.REDIS_SERVER_PATH) ? env.REDIS_SERVER_PATH : undefined
  return findOnPath(['redis-server', 'valkey-server'], env)
}

/**
 * A Redis server of one's own, in memory, on a free port of this machine.
 *
 * @typedef {object} RedisServer
 * @property {number} port
 * @property {() => Promise<void>} kill ends it at once, as a crash does
 * @property {() => void} freeze holds all it does, connections open: like a network that swallows everything
 * @property {() => void} thaw
 */

/**
 * @returns {Promise<RedisServer>}
 * @throws where there is no Redis on this machine, or it does not start
 */
export async function startRedisServer() {
  const program = findRedisServer()
  if (!program)
    throw new Complaint('redis-server is missing: `npm test` installs it, or name one in REDIS_SERVER_PATH.')
  const port = await findFreePort()
  const child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  await Promise.race([
    new Promise((resolve) =>
      createInterface(child.stdout).on('line', (line) => line.includes('Ready to accept connections') && resolve(null)),
    ),
    gone.then(([code]) => Promise.reject(new Complaint(`redis-server ended with code ${code}.`))),
  ])
  return {
    port,
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
