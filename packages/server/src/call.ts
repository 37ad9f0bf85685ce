import type { Ask } from './answer.ts'
import type { RefreshOptions } from './coordinator.ts'
import type { Engine } from './engine.ts'
import { fail, isText } from './options.ts'

/**
 * Refuses a token that is none before anything is made of it: every request without a cookie would otherwise share `undefined`, and
 * strangers each other's session.
 */
export function checkToken(token: unknown, method: string): asserts token is string {
  if (isText(token)) return
  const given = token === '' ? 'an empty one' : token === null ? 'null' : typeof token
  fail(
    `${method}() takes a refresh token, and was given ${given}. A request without one has nothing to refresh: it is signed out.`,
  )
}

export function checkSession(session: unknown, method: string): asserts session is string {
  if (!isText(session))
    fail(`${method}() takes a session id: text that stays the same when the session's tokens rotate.`)
}

/** @throws {AuthError} `invalid_option`. */
export function checkRefresh(engine: Engine, token: unknown, ask: Ask, options: RefreshOptions): void {
  checkToken(token, 'refresh')
  if (typeof ask !== 'function') {
    fail('refresh() takes a function that presents the token, such as (io) => provider.refresh(token, io).')
  }
  if (typeof options !== 'object' || options === null) fail('refresh() takes its options as an object.')
  if (options.session !== undefined || engine.scope !== 'realm') checkSession(options.session, 'refresh')
}
