import { createModel, type Model, type Verdict } from '../../src/model/authorization-server.ts'
import type { RefreshToken, TestUser } from '../../src/model/session.ts'
import { readProfile, type ReuseProfile, type ReuseProfileName } from '../../src/model/reuse-profile.ts'

export const ada: TestUser = { login: 'ada', sub: 'sub-ada', name: 'Ada Lovelace', email: 'ada@example.test' }

/** A model with a clock to move by hand and countable secrets. */
export function createFixture(profile: ReuseProfile | ReuseProfileName, options: { refreshTokenTtl?: number } = {}) {
  const clock = { seconds: 1_000_000 }
  let secrets = 0
  const model = createModel({
    profile: readProfile(profile),
    accessTokenTtl: 60,
    refreshTokenTtl: options.refreshTokenTtl ?? Infinity,
    now: () => clock.seconds * 1000,
    newSecret: (kind) => `${kind}:${++secrets}`,
  })
  const openSession = () =>
    model.openSession({ user: ada, clientId: 'spa', scope: 'openid email', resource: null, nonce: null })
  return {
    model,
    clock,
    signIn: (): RefreshToken => {
      const { refreshToken } = model.firstTokens(openSession())
      if (!refreshToken) throw new Error('A sign-in gives a refresh token.')
      return refreshToken
    },
    refresh: (token: { readonly value: string }) => model.refresh({ token: token.value, clientId: 'spa' }),
  }
}

/** The refresh token of an answer that must be a success with one. */
export function successor(verdict: Verdict): RefreshToken {
  if (!verdict.granted || !verdict.refreshToken) throw new Error('Expected an answer with a refresh token.')
  return verdict.refreshToken
}

/** Refresh tokens that work and are not rotated. */
export function activeTokens(model: Model): RefreshToken[] {
  return [...model.refreshTokens.values()].filter(model.isActive)
}
