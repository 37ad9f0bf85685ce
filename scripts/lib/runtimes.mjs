import { join } from 'node:path'

/**
 * The runtimes of an app: their names, and the words that start a module on them. The Node of the lock file is 24.
 *
 * @param {string} app
 * @returns {[string, string, ...string[]][]}
 */
export function listRuntimes(app) {
  const modules = join(app, 'node_modules')
  return [
    ['Node 20', join(modules, '.bin', 'node')],
    ['Node 22', join(modules, 'node22', 'bin', 'node')],
    ['Node 24', 'node'],
    ['Bun', join(modules, '.bin', 'bun')],
    ['Deno', join(modules, '.bin', 'deno'), 'run', '--allow-all', '--node-modules-dir=manual', '--no-lock'],
  ]
}
