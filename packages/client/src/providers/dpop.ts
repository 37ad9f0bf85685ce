import * as oauth4 from 'oauth4webapi'
import { AuthError } from '../base/errors.ts'
import { transport } from './discovery.ts'
import { asksForProof, carryProof, isKeyPair, rememberNonces } from './dpop-proof.ts'
import type { OAuthProvider } from './oauth.ts'
import type { Answer, Departing, ProviderIo } from './provider.ts'

/**
 * The same provider with tokens that are of use only to who has a key (RFC 9449, Demonstrating Proof of Possession): each sign-in makes
 * one (ES256, not extractable), binds its authorization code, access and refresh tokens to it, and every request with one of them
 * carries a proof. A nonce that a server demands is sent in one retry, and so is a proof of the server's own time where it refuses this device's.
 *
 * The key is kept with the sign-in while that is under way, then with the session, by a store that can hold a `CryptoKey`: IndexedDB, or
 * memory. Others refuse the sign-in with `storage_error`. A session whose key is gone ends, with the reason `key_lost`.
 * @throws {AuthError} `invalid_option` for a provider of another kind.
 *
 * @example
 * createAuthClient({ provider: dpop(oauth({ issuer: 'https://id.example.com', clientId: 'spa' })) })
 */
export function dpop(provider: OAuthProvider): OAuthProvider {
  if (provider?.kind !== 'oauth')
    throw new AuthError('invalid_option', 'dpop() takes a provider that oauth() has made.')
  const { authority, clientId: client_id } = provider
  const issuer = new URL(authority)
  const prove = rememberNonces(authority)

  /** Presents what is to be presented with a proof, and once more where the server names a nonce for it, or another time (RFC 9449, sections 8 and 11.1). */
  const proving = <Io extends ProviderIo>(io: Io, key: CryptoKeyPair): Io => ({
    ...io,
    async present(input, init) {
      const form = init?.body as URLSearchParams
      const send = (DPoP: oauth4.DPoPHandle): Promise<Response> =>
        oauth4.genericTokenEndpointRequest(
          { issuer: authority, token_endpoint: input as string },
          { client_id },
          oauth4.None(),
          form.get('grant_type') ?? '',
          form,
          { ...transport(issuer, io.present, io.signal), DPoP },
        )
      return prove(key, 'POST', io.now, send, demandsAnother)
    },
  })

  return {
    ...provider,
    terminal: { ...provider.terminal, key_lost: 'key_lost' },

    async signIn(request, io): Promise<Departing> {
      const { url, state, keep } = await provider.signIn(request, io)
      const key = await oauth4.generateKeyPair('ES256')
      const bound = new URL(url)
      bound.searchParams.set('dpop_jkt', await oauth4.DPoP({}, key).calculateThumbprint())
      return { url: bound.href, state, keep: { ...keep, key } }
    },

    async exchange(url, keep, io) {
      const { key } = keep
      if (!isKeyPair(key)) throw new AuthError('sign_in_failed', 'The key of this sign-in is gone. Sign in again.')
      const answer = await provider.exchange(url, keep, proving(io, key))
      if (answer.kind !== 'tokens') return answer
      const { tokens } = answer
      if (tokens.tokenType === 'dpop') return { kind: 'tokens', tokens: { ...tokens, key } }
      io.giveBack(tokens)
      throw new AuthError(
        'provider_invalid',
        'The provider gave a token that is bound to no key. Switch DPoP on for this client there, or leave dpop() out.',
      )
    },

    async refresh(refreshToken, io) {
      const { type, key } = io.bound ?? {}
      if (isKeyPair(key)) return provider.refresh(refreshToken, proving(io, key))
      // With a key it is the refresh token that is bound, whatever the last access token was (RFC 9449, section 5).
      return key || type === 'dpop' ? keyLost() : provider.refresh(refreshToken, io)
    },

    async user(accessToken, io, session) {
      const { bound } = io
      if (!provider.user || session.tokenType !== 'dpop') return provider.user?.(accessToken, io, session) ?? untold
      // As the server would say it; then the token is renewed, and that finds out.
      if (!isKeyPair(bound?.key)) return { kind: 'refused', status: 401, error: 'invalid_token', retryAfter: null }
      return provider.user(accessToken, { ...io, fetch: carryProof(prove, bound, io.fetch, io.now) }, session)
    },

    prove: (...of) => carryProof(prove, ...of),
  }
}

const untold = { kind: 'user', user: null } as const

/** Whether the token endpoint says that it wants another proof: with its nonce, or of its own time. The answer stays to be read. */
const demandsAnother = async (answer: Response): Promise<boolean> =>
  !answer.ok && (await answer.clone().text().catch(String)).includes(asksForProof)

/** Nobody is asked: without the key no server takes these tokens, and there is no way to another key. */
const keyLost = (): Answer => ({
  kind: 'refused',
  status: 400,
  error: 'key_lost',
  retryAfter: null,
  own: new AuthError('session_ended', 'The key of this session is gone from the store. Sign in again.'),
})
