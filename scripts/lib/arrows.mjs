import { posix } from 'node:path'

/**
 * Which packages the source of a package may import. `values` lists what may be imported from it at run time;
 * without it everything may. Types may always be.
 *
 * @typedef {{ values?: string[] }} Permission
 * @type {Record<string, Record<string, Permission>>}
 */
const packages = {
  client: {},
  react: { client: {} },
  devtools: { client: { values: ['recorderHook'] } },
  telemetry: {},
  server: { client: {} },
  testing: { client: {} },
}

/**
 * The rooms of `packages/client/src`, by floor, highest first; the roof is the folder itself. A file imports from its own
 * floor and those below it; cycles are the linter's business.
 */
const floors = [
  ['.'],
  ['accounts'],
  ['sign-in'],
  ['refresh'],
  ['claim'],
  ['slot'],
  ['providers'],
  ['storage'],
  ['realm', 'telemetry'],
  ['base'],
]

/**
 * @typedef {{ specifier: string, values: string[] }} Import `values`: the names imported at run time, `*` for all
 * @typedef {{ path: string, imports: Import[] }} SourceFile `path` from the root, such as `packages/client/src/slot/slot.ts`
 * @param {SourceFile[]} files
 * @returns {string[]} one sentence for each import that goes where it may not
 */
export function findWrongArrows(files) {
  return files.flatMap((file) => [
    ...(file.path.startsWith('packages/client/src/') ? findMissingFloor(file) : []),
    ...file.imports.flatMap((arrow) => findWrongArrow(file.path, arrow)),
  ])
}

/** @param {SourceFile} file */
function findMissingFloor({ path }) {
  return floorOf(path) === -1
    ? [`${path} is in a room that stands on no floor: give it one in scripts/lib/arrows.mjs`]
    : []
}

/**
 * @param {string} path
 * @param {Import} arrow
 * @returns {string[]}
 */
function findWrongArrow(path, { specifier, values }) {
  const home = /** @type {string} */ (path.split('/')[1])
  const target = specifier.match(/^@authflight\/([^/]+)/)?.[1]
  if (target) return findWrongPackage(path, home, target, values)
  if (!specifier.startsWith('.')) return []

  const found = posix.join(posix.dirname(path), specifier)
  if (!found.startsWith(`packages/${home}/src/`)) return [`${path} reaches out of its package: ${specifier}`]
  if (home === 'client' && floorOf(found) !== -1 && floorOf(found) < floorOf(path)) {
    return [`${path} imports upwards: ${specifier}`]
  }
  return []
}

/**
 * @param {string} path
 * @param {string} home
 * @param {string} target
 * @param {string[]} values
 */
function findWrongPackage(path, home, target, values) {
  const permission = packages[home]?.[target]
  if (!permission) return [`${path} may not import @authflight/${target}`]
  const allowed = permission.values
  return allowed
    ? values
        .filter((value) => !allowed.includes(value))
        .map((value) => `${path} may import only types from @authflight/${target}, not ${value}`)
    : []
}

/**
 * @param {string} path
 * @returns {number} 0 is the roof; -1 when its room stands on no floor
 */
function floorOf(path) {
  const room = posix.dirname(path.slice('packages/client/src/'.length))
  return floors.findIndex((rooms) => rooms.includes(room))
}
