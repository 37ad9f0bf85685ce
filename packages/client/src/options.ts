import type { AutoRefreshMode } from './accounts/auto-refresh.ts'
import { AuthError } from './base/errors.ts'
import { checkOrigins } from './fetch.ts'
import type { Provider } from './providers/provider.ts'
import type { LegacyLock, LockFunction } from './locks.ts'
import { checkNames } from './base/option-names.ts'
import { adaptStorage } from './storage/adapt.ts'
import type { KeyValueStorage } from './storage/key-value.ts'
import type { Store } from './storage/store.ts'

export interface AuthClientOptions<SignInRequest, Methods extends object = object, Throws extends boolean = false> {
  /** How to talk to the authorization server: `oauth()`, or your own. */
  readonly provider: Provider<SignInRequest, Methods>
  /**
   * Where sessions are kept: a store, or anything with `getItem`, `setItem` and `removeItem`, such as `localStorage`. Default:
   * IndexedDB in browsers, memory elsewhere.
   */
  readonly storage?: Store | KeyValueStorage | undefined
  /** Namespace of everything stored: clients of one origin share their sessions where name, server and client id are the same. Default `default`. */
  readonly name?: string | undefined
  /** Renew before expiry: while the page is visible, always, or only when asked. Default `visible`. */
  readonly autoRefresh?: AutoRefreshMode | undefined
  /** Milliseconds a caller waits before it goes with what there is. Default 10,000. */
  readonly patience?: number | undefined
  /** Milliseconds a request may take before it is aborted. Default 60,000. */
  readonly requestLimit?: number | undefined
  /** Origins to which `fetch` sends the token, in the place of the default: the page's own, if it has one; outside browsers none. */
  readonly fetchOrigins?: readonly string[] | undefined
  /** `auto`: a callback address is finished at start-up and cleaned. `manual`: call `handleRedirect`. Default `auto`. */
  readonly redirect?: 'auto' | 'manual' | undefined
  /** Methods give their data and throw their errors, in the place of results that hold both. Default false. */
  readonly throwOnError?: Throws | undefined
  /**
   * Each operation takes this lock first; the timer skips its turn while somebody holds it. Null: none, as by default.
   * @deprecated Authflight needs no lock. For code that was written for clients which do.
   */
  readonly lock?: LockFunction | null | undefined
  /**
   * Milliseconds that an operation waits for `lock`; 0 tries once, negative waits for ever. Default 10,000.
   * @deprecated Goes with `lock`.
   */
  readonly lockAcquireTimeout?: number | undefined
  /** The flight recorder: on, off, or on with room for so many records. Default `auto`: 5,000, in production 500. */
  readonly recorder?: 'auto' | 'off' | { readonly records: number } | undefined
}

type Options = AuthClientOptions<never, object, boolean>

export type CheckedOptions = Omit<
  { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> },
  'storage' | 'fetchOrigins' | 'recorder' | 'lock' | 'lockAcquireTimeout'
> & {
  readonly storage: Store | null
  readonly fetchOrigins: readonly string[] | null
  /** Null: none, as it should be. */
  readonly legacyLock: LegacyLock | null
  /** Room for so many records; 0: off. */
  readonly records: number
}

const names = [
  'provider',
  'storage',
  'name',
  'autoRefresh',
  'patience',
  'requestLimit',
  'fetchOrigins',
  'redirect',
  'throwOnError',
  'recorder',
  'lock',
  'lockAcquireTimeout',
]

/** What every provider has. What is missing shows here, and not first when somebody signs in or is refused. */
const providerParts = [
  ['authority', 'string'],
  ['clientId', 'string'],
  ['audience', 'string'],
  ['terminal', 'object'],
  ['signIn', 'function'],
  ['readCallback', 'function'],
  ['exchange', 'function'],
  ['revoke', 'function'],
] as const

/**
 * @throws {AuthError} `invalid_option`, naming the option and what it takes.
 */
export function checkOptions(options: Options): CheckedOptions {
  if (typeof options !== 'object' || options === null) fail('createAuthClient() takes an object with `provider`.')
  checkNames(options, names)
  const { provider, storage, name = 'default', autoRefresh = 'visible', redirect = 'auto', recorder = 'auto' } = options
  if (typeof provider?.refresh !== 'function') {
    fail('`provider` is missing or no provider. Give one: oauth() from @authflight/client/oauth.')
  }
  const lacking = providerParts.filter(([part, type]) => typeof provider[part] !== type || provider[part] === null)
  if (lacking.length > 0) {
    fail(`\`provider\` lacks ${lacking.map(([part, type]) => `${part} (${type})`).join(', ')}.`)
  }
  oneOf('provider.reuse', provider.reuse, ['idempotent', 'branches', 'fatal', 'unknown'])
  const store = storage === undefined ? null : adaptStorage(storage)
  if (storage !== undefined && !store)
    fail('`storage` is no store: it has neither transact() nor getItem(), setItem() and removeItem().')
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
    fail('`name` takes 1 to 64 letters, digits, dots, hyphens and underscores.')
  }
  oneOf('autoRefresh', autoRefresh, ['visible', 'always', 'off'])
  oneOf('redirect', redirect, ['auto', 'manual'])
  if (typeof (options.throwOnError ?? false) !== 'boolean') fail('`throwOnError` takes true or false.')
  return {
    provider,
    storage: store,
    name,
    autoRefresh,
    patience: duration('patience', options.patience, 10_000),
    requestLimit: duration('requestLimit', options.requestLimit, 60_000),
    fetchOrigins: options.fetchOrigins === undefined ? null : checkOrigins(options.fetchOrigins),
    redirect,
    throwOnError: options.throwOnError ?? false,
    legacyLock: legacyLockOf(options),
    records: recordsOf(recorder),
  }
}

function fail(message: string): never {
  throw new AuthError('invalid_option', message)
}

function oneOf(name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) fail(`\`${name}\` takes ${choices.map((choice) => `'${choice}'`).join(', ')}.`)
}

function duration(name: string, value: number | undefined, standard: number): number {
  if (value === undefined) return standard
  if (!(Number.isFinite(value) && value > 0)) fail(`\`${name}\` takes milliseconds above 0.`)
  return value
}

function legacyLockOf({ lock = null, lockAcquireTimeout: acquireTimeout = 10_000 }: Options) {
  if (lock === null) return null
  if (typeof lock !== 'function') fail('`lock` takes a function (name, acquireTimeout, work).')
  if (typeof acquireTimeout !== 'number' || Number.isNaN(acquireTimeout))
    fail('`lockAcquireTimeout` takes milliseconds; 0 tries once, negative waits for ever.')
  return { lock, acquireTimeout }
}

function recordsOf(recorder: NonNullable<Options['recorder']>): number {
  if (recorder === 'off') return 0
  if (recorder === 'auto') return isProduction() ? 500 : 5_000
  const records = (recorder as { records: number } | null)?.records ?? 0
  if (!(Number.isInteger(records) && records > 0)) fail("`recorder` takes 'auto', 'off' or { records: 1 or more }.")
  return records
}

declare const process: { readonly env: { readonly NODE_ENV?: string } }

/** Bundlers put the word in for `process.env.NODE_ENV`, and leave a page without a `process`. Where nobody says anything, it counts as development. */
function isProduction(): boolean {
  try {
    return process.env.NODE_ENV === 'production'
  } catch {
    return false
  }
}
