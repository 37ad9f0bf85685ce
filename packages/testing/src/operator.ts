import type { Whose } from './auth-server.ts'
import type { Model } from './model/authorization-server.ts'
import type { Session } from './model/session.ts'

/** Acts of an operator on the sessions of a model. Each gives the number of sessions or tokens it changed. */
export interface Operator {
  revokeSessions(whose?: Whose): number
  expireRefreshTokens(whose?: Whose): number
  expireAccessTokens(whose?: Whose): number
  /** Ids of the sessions that have a refresh token which works. */
  readonly liveSessions: readonly string[]
}

/** `model`: the present one, for a server may forget all. */
export function createOperator(model: () => Model, now: () => number): Operator {
  function sessionsOf({ user, session }: Whose = {}): Session[] {
    const mine = (of: Session) =>
      (user === undefined || of.user.login === user) && (session === undefined || of.id === session)
    return model().sessions.filter(mine)
  }

  function expire(tokens: ReadonlyMap<string, { session: Session; expiresAt: number }>, whose?: Whose): number {
    const sessions = new Set(sessionsOf(whose))
    const live = [...tokens.values()].filter((token) => sessions.has(token.session) && token.expiresAt > now())
    for (const token of live) token.expiresAt = now()
    return live.length
  }

  return {
    revokeSessions(whose) {
      const live = sessionsOf(whose).filter((session) => !session.ended)
      for (const session of live) model().endSession(session, 'revoked')
      return live.length
    },
    expireRefreshTokens: (whose) => expire(model().refreshTokens, whose),
    expireAccessTokens: (whose) => expire(model().accessTokens, whose),
    get liveSessions() {
      const active = [...model().refreshTokens.values()].filter((token) => model().isActive(token))
      return [...new Set(active.map((token) => token.session.id))]
    },
  }
}
