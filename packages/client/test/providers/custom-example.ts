import { type Answer, AuthApiError, createAuthClient, type Provider } from '@authflight/client'

export interface PasswordSignIn {
  readonly name: string
  readonly password: string
}

/** What this server answers `POST /login` and `POST /refresh` with. `seconds`: how long `access` is good. */
interface Grant {
  readonly access: string
  readonly refresh: string
  readonly seconds: number
  readonly user: { readonly id: string; readonly name: string }
}

/** `server`: its origin. */
function house(server: string): Provider<PasswordSignIn> {
  const post = (send: typeof fetch, signal: AbortSignal, path: string, body: object): Promise<Response> =>
    send(server + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal,
    })

  return {
    kind: 'house',
    authority: server,
    clientId: 'app',
    audience: '',
    reuse: 'fatal',
    terminal: { session_over: 'expired', token_used: 'reuse' },

    async refresh(refreshToken, io) {
      return read(await post(io.present, io.signal, '/refresh', { refresh: refreshToken }))
    },

    async signIn({ name, password }, io) {
      const answer = await read(await post(io.fetch, io.signal, '/login', { name, password }))
      if (answer.kind !== 'refused' || answer.error !== 'wrong_password') return answer
      throw new AuthApiError('invalid_credentials', 'The name or the password is wrong.', answer.status)
    },

    // No sign-in leaves the page, so none comes back.
    readCallback: () => null,
    exchange: async () => ({ kind: 'silent', cause: 'unsent' }),

    async revoke({ refreshToken }, io, scope) {
      if (refreshToken === null || scope === 'others') return false
      const body = { refresh: refreshToken, everywhere: scope === 'global' }
      const { ok, status } = await post(io.fetch, io.signal, '/logout', body)
      if (!ok) throw new AuthApiError('server_error', 'The server did not end the session.', status)
      return true
    },
  }
}

/** Says what came back, and decides nothing: what is not this server's own JSON says nothing of the session. */
async function read(response: Response): Promise<Answer> {
  const { status, headers } = response
  const retryAfter = Number(headers.get('retry-after')) * 1_000 || null
  const json = (await response.json().catch(() => null)) as Partial<Grant & { error: string }> | null
  if (typeof json?.error === 'string') return { kind: 'refused', status, error: json.error, retryAfter }
  if (!json?.access || !json.refresh) return { kind: 'unreadable', status, retryAfter }
  return {
    kind: 'tokens',
    tokens: {
      accessToken: json.access,
      tokenType: 'bearer',
      expiresIn: json.seconds ?? null,
      refreshToken: json.refresh,
      refreshExpiresIn: null,
      scopes: null,
      user: json.user ? { ...json.user, claims: json.user } : null,
    },
  }
}

export const createAuth = (server: string) => createAuthClient({ provider: house(server), fetchOrigins: [server] })
