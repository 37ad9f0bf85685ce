import { AuthError, type Provider, type ReuseProfile } from '@authflight/client'
import type { Engine, LocalEngine, SharedEngine } from './engine.ts'
import type { Revoke } from './parts.ts'

interface CommonOptions {
  /**
   * What the authorization server does with a rotated refresh token that comes again. Default `unknown`, treated as `fatal`: after an
   * answer that was lost the token is not presented again while the access token lives.
   */
  readonly profile?: ReuseProfile
  /** Who issues the tokens: an issuer identifier or the address of a token endpoint. Part of every name and seal. */
  readonly issuer: string
  readonly clientId: string
  /**
   * Milliseconds for which who comes late gets the outcome of who came first. Default 10,000; 1 to 60,000. A result that nobody was given,
   * because all callers had gone, waits an hour for the first: then its time begins.
   */
  readonly resultTtl?: number
  /** Milliseconds a caller waits before it goes with `timeout`. Default `requestLimit` and a second, so that it hears what came of it. */
  readonly patience?: number
  /** Milliseconds that presenting may take before it is aborted. Default 10,000; at most 60,000. */
  readonly requestLimit?: number
  /** The server's error codes that end a session. Default: `invalid_grant` (RFC 6749 5.2). Take a provider's own: `provider.terminal`. */
  readonly terminal?: Provider['terminal']
  /**
   * Ends at the server what came back after its session had been ended: `provider.revoke`, or your own. Without one the token stays good
   * there until it expires.
   */
  readonly revoke?: Revoke
}

/** For one process. */
export interface LocalOptions extends CommonOptions {
  /** Default: a memory engine of this coordinator's own. */
  readonly engine?: LocalEngine
  /** Not needed: what a memory engine keeps is read by nobody else. */
  readonly pepper?: Pepper
}

/** For several processes. */
export interface SharedOptions extends CommonOptions {
  readonly engine: SharedEngine
  readonly pepper: Pepper
}

/**
 * A secret of the deployment, the same in all its processes and nowhere in the store that they share: at least 32 random bytes.
 * Without it names in the store can be guessed from short tokens.
 */
export type Pepper = string | Uint8Array

export interface CheckedOptions {
  readonly engine: Engine | null
  /** Null: the engine's own. */
  readonly pepper: Uint8Array | null
  readonly profile: ReuseProfile
  readonly issuer: string
  readonly clientId: string
  readonly resultTtl: number
  readonly patience: number
  readonly requestLimit: number
  readonly terminal: Provider['terminal']
  readonly revoke: Revoke | null
}

const profiles: readonly unknown[] = ['idempotent', 'branches', 'fatal', 'unknown'] satisfies ReuseProfile[]

const names = [
  'engine',
  'profile',
  'issuer',
  'clientId',
  'pepper',
  'resultTtl',
  'patience',
  'requestLimit',
  'terminal',
  'revoke',
]

/** The longest result time and request limit, milliseconds. */
const aMinute = 60_000

/** @throws {AuthError} `invalid_option`, naming the option and what it takes. */
export function checkOptions(options: LocalOptions | SharedOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null) {
    fail('createRefreshCoordinator() takes an object with at least `issuer` and `clientId`.')
  }
  const strange = Object.keys(options).find((name) => !names.includes(name))
  if (strange !== undefined) fail(`There is no option \`${strange}\`. There are: ${names.join(', ')}.`)
  const { engine, profile = 'unknown', issuer, clientId, pepper, terminal, revoke } = options
  if (engine !== undefined && typeof engine?.claim !== 'function') {
    fail('`engine` is no engine. Leave it out for one process, or give memoryEngine() or one that processes share.')
  }
  if (!isText(issuer)) fail('`issuer` is missing. Give the issuer identifier, such as https://id.example.com.')
  if (!isText(clientId)) fail('`clientId` is missing. Give the id under which this app is registered at the issuer.')
  if (!profiles.includes(profile)) fail("`profile` takes 'idempotent', 'branches', 'fatal', 'unknown'.")
  if (terminal !== undefined && (typeof terminal !== 'object' || terminal === null)) {
    fail('`terminal` takes an object from error codes to reasons.')
  }
  if (revoke !== undefined && typeof revoke !== 'function') fail('`revoke` takes a function.')
  const requestLimit = duration('requestLimit', options.requestLimit, 10_000, aMinute)
  return {
    engine: engine ?? null,
    pepper: checkPepper(pepper, engine ?? null),
    profile,
    issuer,
    clientId,
    resultTtl: duration('resultTtl', options.resultTtl, 10_000, aMinute),
    patience: duration('patience', options.patience, requestLimit + 1_000),
    requestLimit,
    terminal: terminal ?? { invalid_grant: 'rejected' },
    revoke: revoke ?? null,
  }
}

export function fail(message: string): never {
  throw new AuthError('invalid_option', message)
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

export function duration(name: string, value: number | undefined, standard: number, most = Infinity): number {
  if (value === undefined) return standard
  const isDuration = typeof value === 'number' && value > 0 && value <= most && value < Infinity
  if (!isDuration) fail(`\`${name}\` takes milliseconds above 0${most < Infinity ? ` and up to ${most}` : ''}.`)
  return value
}

function checkPepper(pepper: Pepper | undefined, engine: Engine | null): Uint8Array | null {
  if (pepper === undefined) {
    if (engine === null || engine.scope === 'realm') return null
    fail(
      '`pepper` is missing, and processes that share an engine need one: at least 32 random bytes, kept out of the store.',
    )
  }
  const view: unknown = typeof pepper === 'string' ? new TextEncoder().encode(pepper) : pepper
  // Also one of another realm, as in a test runner.
  const bytes = ArrayBuffer.isView(view) ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : null
  if (!bytes || bytes.length < 32) {
    fail(
      '`pepper` takes at least 32 bytes: a Uint8Array, or a string with as many. Make one with `openssl rand -base64 32`.',
    )
  }
  return bytes
}
