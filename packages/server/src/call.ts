import type { Ask } from './answer.ts'
import type { RefreshOptions } from './coordinator.ts'
import type { Engine } from './engine.ts'
import { fail, isText } from './options.ts'

/**
 * Refuses a token that is none before anything is made of it: every request without a cookie would otherwise share `undefined`, and
 * strangers each other's session.
 */
export function checkToken(token: unknown, method: string): asserts token is string {
  // RFC 6749 A.17. Refused are others, as lone surrogates: all encode to U+FFFD, so two such tokens would share one name.
  if (typeof token === 'string' && /^[\x20-\x7e]+$/.test(token) && token.trim() !== '') return
  const given =
    token === null ? 'null' : typeof token !== 'string' ? typeof token : token ? 'text that is none' : 'an empty one'
  fail(
    `${method}() takes a refresh token, and was given ${given}. A request without one has nothing to refresh: it is signed out.`,
  )
}

export function checkSession(session: unknown, method: string): asserts session is string {
  if (!isText(session) || /\p{Surrogate}/u.test(session))
    fail(`${method}() takes a session id: text that stays the same when the session's tokens rotate.`)
}

/** @throws {AuthError} `invalid_option`. */
export function checkRefresh(engine: Engine, token: unknown, ask: Ask, options: RefreshOptions): void {
  checkToken(token, 'refresh')
  if (typeof ask !== 'function') {
    fail('refresh() takes a function that presents the token, such as (io) => provider.refresh(token, io).')
  }
  checkObject(options, 'refresh')
  const { session, hasLiveAccessToken = false, trigger = 'expiry', otelContext } = options
  if (session !== undefined || engine.scope !== 'realm') checkSession(session, 'refresh')
  if (typeof hasLiveAccessToken !== 'boolean') fail('refresh(): `hasLiveAccessToken` takes true or false.')
  if (!triggers.includes(trigger)) fail("refresh(): `trigger` takes 'expiry', 'forced', 'unauthorized'.")
  if (otelContext !== undefined && typeof otelContext?.getValue !== 'function') {
    fail('refresh(): `otelContext` takes a context of OpenTelemetry, such as context.active().')
  }
}

export function checkObject(options: unknown, method: string): void {
  if (typeof options !== 'object' || options === null) fail(`${method}() takes its options as an object.`)
}

export function checkBlock(block: unknown): void {
  if (typeof block !== 'function') fail('synchronize() takes a function that runs while nobody else has the token.')
}

const triggers: readonly unknown[] = ['expiry', 'forced', 'unauthorized'] satisfies RefreshOptions['trigger'][]
