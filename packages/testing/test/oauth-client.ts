import * as oauth from 'oauth4webapi'
import type { AuthServer } from '../src/index.ts'

const client: oauth.Client = { client_id: 'spa' }
const redirectUri = 'https://app.example.test/callback'

/** A strict, independent OpenID client that walks the whole way through the server: it would not take a sloppy answer. */
export async function createOAuthClient(server: AuthServer, fetch: typeof globalThis.fetch = server.fetch) {
  const custom = { [oauth.customFetch]: (url: string, options: object) => fetch(url, options) }
  const issuer = new URL(server.issuer)
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, custom))

  return {
    as,
    async signIn(user?: string) {
      const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), 'state-1', 'nonce-1']
      const url = new URL(as.authorization_endpoint ?? '')
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }).toString()
      const callback = new URL(await server.authorize(url, user === undefined ? {} : { user }))
      const parameters = oauth.validateAuthResponse(as, client, callback, state)
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        oauth.None(),
        parameters,
        redirectUri,
        verifier,
        custom,
      )
      return oauth.processAuthorizationCodeResponse(as, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      })
    },
    async refresh(refreshToken: string) {
      const response = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshToken, custom)
      return oauth.processRefreshTokenResponse(as, client, response)
    },
    revoke: async (token: string) =>
      oauth.processRevocationResponse(await oauth.revocationRequest(as, client, oauth.None(), token, custom)),
    userinfo: async (accessToken: string, subject: string) =>
      oauth.processUserInfoResponse(as, client, subject, await oauth.userInfoRequest(as, client, accessToken, custom)),
  }
}
