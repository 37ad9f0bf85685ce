import type { Answer, Provider, ProviderIo, User, UserAnswer } from '@authflight/client'
import type { TestUser } from '../model/session.ts'
import type { Endpoint } from './history.ts'
import { replyOf } from './wire.ts'

export interface SignInRequest {
  readonly returnTo?: string
  /** Who signs in without leaving the page. */
  readonly login?: string
}

/** What only this provider can do. */
export interface Methods {
  updateUser(): Promise<unknown>
}

const authority = 'https://id.explorer.test'

/** How the clients of a world speak to its server: as the real providers do, in fewer words. */
export function createProvider(
  mayPresentAgain: 'idempotent' | 'branches' | null,
  newState: () => string,
): Provider<SignInRequest, Methods> {
  async function ask(
    io: Pick<ProviderIo, 'signal'>,
    send: typeof fetch,
    endpoint: Endpoint,
    credential: string,
  ): Promise<Answer> {
    try {
      return read(await send(`${authority}/${endpoint}`, { method: 'POST', body: credential, signal: io.signal }))
    } catch (error) {
      // The only network error that proves something.
      if ((error as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED') throw error
      return { kind: 'silent', cause: 'unsent' }
    }
  }

  async function exchange(io: ProviderIo, endpoint: Endpoint, credential: string): Promise<Answer> {
    const answer = await ask(io, io.present, endpoint, credential)
    // The one protocol retry: the server has named a nonce and consumed nothing (RFC 9449, section 8).
    const isNonce = answer.kind === 'refused' && answer.error === 'use_dpop_nonce'
    return isNonce ? ask(io, io.present, endpoint, credential) : answer
  }

  async function askAboutUser(accessToken: string, io: Pick<ProviderIo, 'fetch' | 'signal'>): Promise<UserAnswer> {
    const headers = { authorization: `Bearer ${accessToken}` }
    const { row, reply } = replyOf(await io.fetch(`${authority}/user`, { headers, signal: io.signal }))
    const status = row?.status ?? reply?.status ?? 500
    if (reply?.user) return { kind: 'user', user: toUser(reply.user) }
    return reply?.error
      ? { kind: 'refused', status, error: reply.error, retryAfter: null }
      : { kind: 'unreadable', status, retryAfter: null }
  }

  return {
    kind: 'explorer',
    authority,
    clientId: 'spa',
    audience: 'openid',
    reuse: mayPresentAgain ?? 'unknown',
    terminal: {
      invalid_grant: 'rejected',
      refresh_token_already_used: 'reuse',
      session_expired: 'expired',
      user_banned: 'revoked',
    },
    refresh: (token, io) => exchange(io, 'refresh', token),
    async signIn({ login }, io) {
      if (login !== undefined) return ask(io, io.fetch, 'password', login)
      // Discovery, as `oauth()` does it: a request that may be slow or fail.
      const response = await io.fetch(`${authority}/api`, { signal: io.signal })
      if (response.status >= 500) throw new Error('No discovery.')
      const state = newState()
      return { url: `${authority}/authorize?state=${state}`, state, keep: { verifier: `verifier-${state}` } }
    },
    readCallback({ searchParams }) {
      const state = searchParams.get('state')
      return state !== null && (searchParams.has('code') || searchParams.has('error')) ? { state, certain: true } : null
    },
    async exchange(url, _keep, io) {
      const code = url.searchParams.get('code')
      if (code === null) return { kind: 'refused', status: 400, error: 'invalid_grant', retryAfter: null }
      return exchange(io, 'code', code)
    },
    async revoke({ refreshToken }, io) {
      if (refreshToken === null) return false
      const answer = await ask(io, io.fetch, 'revoke', refreshToken)
      if (answer.kind === 'unreadable' && answer.status !== 200) throw new Error('Not revoked.')
      return true
    },
    user: askAboutUser,
    methods: ({ changeUser }) => ({ updateUser: () => changeUser(askAboutUser) }),
  }
}

const toUser = ({ sub, email, visits }: TestUser & { readonly visits?: number }): User => ({
  id: sub,
  email,
  claims: visits === undefined ? {} : { visits },
})

function read(response: Response): Answer {
  const { row, reply } = replyOf(response)
  const retryAfter = row?.retryAfter ?? null
  if (row && !row.error) return { kind: 'unreadable', status: row.status, retryAfter }
  const error = row ? (row.error ?? null) : (reply?.error ?? null)
  if (error !== null) return { kind: 'refused', status: row?.status ?? reply?.status ?? 400, error, retryAfter }
  if (!reply?.tokens) return { kind: 'unreadable', status: 200, retryAfter }
  const { tokens, user } = reply
  return {
    kind: 'tokens',
    tokens: {
      accessToken: tokens.access,
      tokenType: 'bearer',
      expiresIn: tokens.lifetime,
      refreshToken: tokens.refresh,
      refreshExpiresIn: null,
      scopes: null,
      user: user && toUser(user),
    },
  }
}
