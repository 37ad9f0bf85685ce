import type { Answer, Provider, ProviderIo } from '@authflight/client'
import type { Endpoint } from './history.ts'
import { replyOf } from './network.ts'

export interface SignInRequest {
  readonly returnTo?: string
}

const authority = 'https://id.explorer.test'

/** How the clients of a world speak to its server: as the real providers do, in fewer words. */
export function createProvider(mayPresentAgain: 'idempotent' | 'branches' | null, newState: () => string): Provider<SignInRequest> {
  async function ask(io: Pick<ProviderIo, 'signal'>, send: typeof fetch, endpoint: Endpoint, credential: string): Promise<Answer> {
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
    async signIn(_request, io) {
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
    async revoke(token, io) {
      const answer = await ask(io, io.fetch, 'revoke', token)
      if (answer.kind === 'unreadable' && answer.status !== 200) throw new Error('Not revoked.')
      return true
    },
  }
}

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
      user: user && { id: user.sub, email: user.email, claims: {} },
    },
  }
}
