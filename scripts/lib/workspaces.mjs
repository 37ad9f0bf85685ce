import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './root.mjs'

/**
 * A package that is published.
 *
 * @typedef {object} Package
 * @property {string} name such as `@authflight/client`
 * @property {string} folder absolute
 * @property {string[]} entries what an app may import: `@authflight/client`, `@authflight/client/oauth`
 */

/** @returns {Package[]} */
export function readPackages() {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((path) => {
      const { name, exports } = JSON.parse(readFileSync(join(root, path), 'utf8'))
      return { name, folder: dirname(join(root, path)), entries: listEntries(name, Object.keys(exports)) }
    })
}

/**
 * @param {string} name
 * @param {string[]} subpaths
 */
function listEntries(name, subpaths) {
  return subpaths.filter((subpath) => subpath !== './package.json').map((subpath) => name + subpath.slice(1))
}
