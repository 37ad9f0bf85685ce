import type { Model, Verdict } from '../model/authorization-server.ts'
import { createModel } from '../model/authorization-server.ts'
import type { ReuseProfile } from '../model/reuse-profile.ts'
import type { RefreshToken, Session, TestUser } from '../model/session.ts'
import type { Chance } from './chance.ts'
import type { Endpoint } from './history.ts'
import { canary } from './leaks.ts'
import type { Row } from './rows.ts'
import { readRequest, writeResponse } from './wire.ts'

/** What a request asks of the server. */
export interface Question {
  readonly endpoint: Endpoint
  /** What it is about that must not get out; null where there is no such thing in it. */
  readonly credential: string | null
  readonly method: string
  readonly url: URL
  /** Empty where there is none, or it is no text. */
  readonly body: string
  /** The access token that it carries. */
  readonly bearer: string | null
}

/** What the server made of it. `user`: told with tokens from a sign-in, and asked for at the user endpoint. */
export interface Reply {
  readonly status: number
  readonly error: string | null
  readonly tokens: { readonly access: string; readonly refresh: string | null; readonly lifetime: number | null } | null
  readonly user: (TestUser & { readonly visits?: number }) | null
  readonly reused: boolean
  /** What it said, word for word, where it is a server with words of its own. */
  readonly body?: string
}

/** The authorization server of a world: a model, asked without a network. Each question is one step. */
export interface Authority {
  readonly model: Model
  /** Who can sign in, also who has signed up meanwhile. */
  readonly users: readonly TestUser[]
  read(input: RequestInfo | URL, init: RequestInit | undefined): Question
  answer(question: Question): Reply | Promise<Reply>
  /** The response that its provider reads: of a reply, or of the row that stands in its place. */
  write(row: Row | null, reply: Reply | null): Response
  /** The printable id of a credential. */
  idOf(secret: string): string
  sessionOf(secret: string): Session | null
  /** The login of the user whose credential it is. */
  ownerOf(secret: string): string | null
  /** Whether that token would be granted something and is not rotated. */
  isActive(token: RefreshToken): boolean
}

export const users: readonly TestUser[] = ['ada', 'grace'].map((login) => ({
  login,
  sub: `${canary}-sub-${login}`,
  name: login,
  email: `${canary}-${login}@example.test`,
}))

/** All that is secret in a world, no two alike, from its chance. */
export function createSecretMaker(chance: Chance): (kind: string) => string {
  let secrets = 0
  return (kind) => `${canary}_${kind}_${(secrets += 1)}_${Math.floor(chance.random() * 0x1_0000_0000).toString(16)}`
}

/** A server that is asked in the explorer's own words. `lifetime`: seconds; null: it does not tell. */
export function createAuthority(
  profile: ReuseProfile,
  lifetime: number | null,
  now: () => number,
  chance: Chance,
): Authority {
  let visits = 0
  const model = createModel({
    profile,
    // A token whose lifetime is not told lives for an hour.
    accessTokenTtl: lifetime ?? 3_600,
    refreshTokenTtl: Infinity,
    now,
    newSecret: createSecretMaker(chance),
  })

  function answer(question: Question): Reply {
    const value = question.credential ?? ''
    switch (question.endpoint) {
      case 'refresh':
        return replyTo(model.refresh({ token: value, clientId }))
      case 'code':
        return replyTo(model.redeemCode({ code: value, clientId, redirectUri: '', challenge: '' }))
      case 'password': {
        const user = users.find(({ login }) => login === value)
        return user ? replyTo(openSession(model, user)) : refusal(400, 'invalid_grant', false)
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
      default:
        throw new TypeError(`This server has no ${question.endpoint}.`)
    }
  }

  function replyTo(verdict: Verdict): Reply {
    if (!verdict.granted) return refusal(400, verdict.error, verdict.reused)
    const { accessToken, refreshToken, reused } = verdict
    const tokens = { access: accessToken.value, refresh: refreshToken?.value ?? null, lifetime }
    return { status: 200, error: null, tokens, user: accessToken.session.user, reused }
  }

  const loginOf = (name: string): string | undefined => users.find(({ login }) => login === name)?.login

  return {
    model,
    users,
    read: readRequest,
    answer,
    write: writeResponse,
    idOf: (secret) => model.find(secret)?.id ?? loginOf(secret) ?? '?',
    sessionOf: (secret) => model.find(secret)?.session ?? null,
    ownerOf: (secret) => model.find(secret)?.session.user.login ?? loginOf(secret) ?? null,
    isActive: model.isActive,
  }
}

const clientId = 'spa'
const openSession = (model: Model, user: TestUser) =>
  model.firstTokens(model.openSession({ user, clientId, scope: 'openid', resource: null, nonce: null }))

/** A session that was begun somewhere else: its tokens. */
export function mint(
  { model }: Authority,
  user: TestUser,
): { readonly access: string; readonly refresh: string | null } {
  const { accessToken, refreshToken } = openSession(model, user)
  return { access: accessToken.value, refresh: refreshToken?.value ?? null }
}

/** A code as the user's browser brings it back. */
export function authorize({ model }: Authority, user: TestUser): string {
  const request = { user, clientId, redirectUri: '', challenge: '', scope: 'openid', resource: null, nonce: null }
  return model.issueCode(request).value
}

const refusal = (status: number, error: string | null, reused: boolean): Reply => ({
  status,
  error,
  tokens: null,
  user: null,
  reused,
})
