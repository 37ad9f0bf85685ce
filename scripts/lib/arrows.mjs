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
 * The floors of `packages/client/src`, highest first. A file imports from its own floor and those below it; cycles are
 * the linter's business. A name with a slash at its end is a folder with all that no floor names.
 */
const floors = [
  ['index.ts', 'in-realm.ts', 'presentation.ts'],
  ['client.ts', 'auth-client.ts', 'core.ts', 'door.ts', 'places.ts', 'surface.ts', 'throw-on-error.ts', 'with-lock.ts'],
  [
    'arrivals.ts',
    'attempts.ts',
    'mirror.ts',
    'pointer.ts',
    'seats.ts',
    'set-session.ts',
    'export-session.ts',
    'user.ts',
    'refresh.ts',
    'refresh-span.ts',
    'landing.ts',
    'decision.ts',
    'accounts.ts',
    'sign-in.ts',
    'auto-refresh.ts',
    'sessions.ts',
    'crowd.ts',
    'replies.ts',
    'shown.ts',
    'store-watch.ts',
    'start-up.ts',
    'page-life.ts',
    'redirect.ts',
    'options.ts',
  ],
  [
    'claim.ts',
    'claim-watch.ts',
    'slot.ts',
    'tombstone.ts',
    'same-account.ts',
    'parts.ts',
    'pauses.ts',
    'owed.ts',
    'failures.ts',
    'revocation.ts',
    'providers/',
  ],
  [
    'commit-guard.ts',
    'answers.ts',
    'minted.ts',
    'jwt-claims.ts',
    'never-sent.ts',
    'clock-jumps.ts',
    'locks.ts',
    'present.ts',
    'waiting-room.ts',
    'schedule.ts',
    'events.ts',
    'fetch.ts',
    'storage/',
  ],
  [
    'session.ts',
    'errors.ts',
    'call-options.ts',
    'single-flight.ts',
    'presenting.ts',
    'sign-of-life.ts',
    'clock.ts',
    'one-per.ts',
    'option-names.ts',
    'freeze-all.ts',
    'is-a.ts',
    'wrap-methods.ts',
    'realm.ts',
    'system-realm.ts',
    'tabs.ts',
    'page.ts',
    'telemetry/',
    // Types only: what a provider is and answers. Its implementations stand on their floor above.
    'providers/provider.ts',
  ],
]

/**
 * @typedef {{ specifier: string, values: string[] }} Import `values`: the names imported at run time, `*` for all
 * @typedef {{ path: string, imports: Import[] }} SourceFile `path` from the root, such as `packages/client/src/slot.ts`
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
  return floorOf(path) === -1 ? [`${path} stands on no floor: give it one in scripts/lib/arrows.mjs`] : []
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
 * @returns {number} 0 is the roof; -1 when the file stands on no floor
 */
function floorOf(path) {
  const name = path.slice('packages/client/src/'.length)
  const floor = floors.findIndex((entries) => entries.includes(name))
  return floor !== -1
    ? floor
    : floors.findIndex((entries) => entries.some((it) => it.endsWith('/') && name.startsWith(it)))
}
