import { createModel, type Verdict } from '../model/authorization-server.ts'
import { readProfile, type ReuseProfile } from '../model/reuse-profile.ts'
import type { Session, TestUser } from '../model/session.ts'
import type { Chance } from './chance.ts'
import type { Endpoint, ProfileName } from './history.ts'
import { canary } from './leaks.ts'

/** What a request asks of the server. */
export interface Question {
  readonly endpoint: Endpoint
  readonly credential: string | null
}

/** What the server made of it. `user`: told with tokens from a sign-in, and asked for at the user endpoint. */
export interface Reply {
  readonly status: number
  readonly error: string | null
  readonly tokens: { readonly access: string; readonly refresh: string | null; readonly lifetime: number | null } | null
  readonly user: (TestUser & { readonly visits?: number }) | null
  readonly reused: boolean
}

export type Authority = ReturnType<typeof createAuthority>

export const users: readonly TestUser[] = ['ada', 'grace'].map((login) => ({
  login,
  sub: `${canary}-sub-${login}`,
  name: login,
  email: `${canary}-${login}@example.test`,
}))

const profiles: Readonly<Record<ProfileName, ReuseProfile>> = {
  strict: readProfile('strict'),
  idempotent: readProfile('idempotent'),
  grace: readProfile('grace'),
  branches: readProfile('branches'),
  same: { name: 'non-rotating', answer: 'same' },
  none: { name: 'non-rotating', answer: 'none' },
  sometimes: readProfile('sometimes-rotating'),
}

/** The authorization server of a world: the model, asked without HTTP. Each question is one step. */
export function createAuthority(profile: ProfileName, lifetime: number | null, now: () => number, chance: Chance) {
  let secrets = 0
  let visits = 0
  const model = createModel({
    profile: profiles[profile],
    // A token whose lifetime is not told lives for an hour.
    accessTokenTtl: lifetime ?? 3_600,
    refreshTokenTtl: Infinity,
    now,
    newSecret: (kind) =>
      `${canary}_${kind}_${(secrets += 1)}_${Math.floor(chance.random() * 0x1_0000_0000).toString(16)}`,
  })

  function answer(question: Question): Reply {
    const value = question.credential ?? ''
    switch (question.endpoint) {
      case 'refresh':
        return replyTo(model.refresh({ token: value, clientId: 'spa' }))
      case 'code':
        return replyTo(model.redeemCode({ code: value, clientId: 'spa', redirectUri: '', challenge: '' }))
      case 'password': {
        const user = users.find(({ login }) => login === value)
        return user ? replyTo(model.firstTokens(openSession(user))) : refusal(400, 'invalid_grant', false)
      }
      case 'revoke':
        model.revoke(value)
        return { ...refusal(200, null, false) }
      case 'user':
      case 'api': {
        const access = model.checkAccess(value)
        if (!access) return refusal(401, 'invalid_token', false)
        // Something of the user changes all the time, so that a client has something to keep.
        return { ...refusal(200, null, false), user: { ...access.session.user, visits: (visits += 1) } }
      }
    }
  }

  function replyTo(verdict: Verdict): Reply {
    if (!verdict.granted) return refusal(400, verdict.error, verdict.reused)
    const { accessToken, refreshToken, reused } = verdict
    const tokens = { access: accessToken.value, refresh: refreshToken?.value ?? null, lifetime }
    return { status: 200, error: null, tokens, user: accessToken.session.user, reused }
  }

  const openSession = (user: TestUser): Session =>
    model.openSession({ user, clientId: 'spa', scope: 'openid', resource: null, nonce: null })

  return {
    answer,
    model,
    /** A session that was begun somewhere else: its tokens. */
    mint(user: TestUser): NonNullable<Reply['tokens']> | null {
      return replyTo(model.firstTokens(openSession(user))).tokens
    },
    /** A code as the user's browser brings it back. */
    authorize: (user: TestUser): string =>
      model.issueCode({
        user,
        clientId: 'spa',
        redirectUri: '',
        challenge: '',
        scope: 'openid',
        resource: null,
        nonce: null,
      }).value,
    idOf: (secret: string): string => model.find(secret)?.id ?? '?',
    sessionOf: (secret: string): Session | null => model.find(secret)?.session ?? null,
  }
}

const refusal = (status: number, error: string | null, reused: boolean): Reply => ({
  status,
  error,
  tokens: null,
  user: null,
  reused,
})
