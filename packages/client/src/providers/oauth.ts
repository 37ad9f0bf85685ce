import * as oauth4 from 'oauth4webapi'
import { AuthError } from '../base/errors.ts'
import { checkNames } from '../base/option-names.ts'
import { checkCallback } from './callback.ts'
import { discover, transport } from './discovery.ts'
import { createPkce, randomText } from './pkce.ts'
import { checkAuthTime, readAnswer } from './token-answer.ts'
import { readUserInfo } from './user-info.ts'
import { addressOfPage, readSecureAddress } from './web-address.ts'
import type { Departing, PlainIo, Provider, ReuseProfile } from './provider.ts'

export interface OAuthOptions {
  /** The issuer identifier, as the provider's discovery document names it: https, or http on this machine. */
  readonly issuer: string
  /** The id of a public client: authorization code with PKCE, refresh_token grant, no secret. */
  readonly clientId: string
  /** Space-separated. Default `openid profile email offline_access`. */
  readonly scope?: string | undefined
  /** The API the access token is for (RFC 8707). Default: the provider's own choice. */
  readonly resource?: string | undefined
  /** Where the provider sends the user back; must be registered there. Default: this page's address without query and hash; outside pages, workers among them, it must be given. */
  readonly redirectUri?: string | undefined
  /** What the server does with a rotated refresh token that comes again. Default `unknown`, treated as `fatal`. */
  readonly reuse?: ReuseProfile | undefined
}

export interface OAuthSignIn {
  /** Where to go after the callback: an address of this origin. Default: where the user is now. */
  readonly returnTo?: string
  /** OpenID Connect Core 3.1.2.1, for example `login` or `select_account`. */
  readonly prompt?: string
  readonly loginHint?: string
  /**
   * More for the authorization endpoint, such as `acr_values` or `organization`. What this client sends by itself stays as it is. `max_age`, in
   * seconds, is checked as well: an ID token of an older authentication signs nobody in. It needs `openid` in the scope.
   */
  readonly queryParams?: Readonly<Record<string, string>>
}

/** It always leaves the page for a sign-in. */
export interface OAuthProvider extends Provider<OAuthSignIn> {
  signIn(request: OAuthSignIn, io: PlainIo): Promise<Departing>
}

/**
 * A provider for OAuth 2.0 and OpenID Connect servers: discovery, authorization code with PKCE (RFC 7636), `state`, `nonce`
 * and `iss` (RFC 9207), refresh, userinfo (OpenID Connect Core 5.3), revocation (RFC 7009), sign-out at the
 * provider when asked (OpenID Connect RP-Initiated Logout 1.0).
 * @throws {AuthError} `invalid_option` for an option that there is none of, or that cannot be right.
 */
export function oauth(options: OAuthOptions): OAuthProvider {
  const issuer = checkIssuer(options?.issuer)
  checkNames(options, ['issuer', 'clientId', 'scope', 'resource', 'redirectUri', 'reuse'], 'oauth(): ')
  const { clientId, resource, redirectUri } = options
  const scope = options.scope ?? 'openid profile email offline_access'
  if (typeof clientId !== 'string' || clientId === '') {
    fail('`clientId` is missing. Give the id under which this app is registered at the provider.')
  }
  if (typeof scope !== 'string') fail('`scope` takes one text with spaces between, such as `openid offline_access`.')
  if (typeof (resource ?? '') !== 'string') fail('`resource` takes the identifier of one API.')
  if ((redirectUri ?? null) !== null && !URL.canParse(redirectUri as string)) {
    fail('`redirectUri` takes a whole address, such as https://app.example.com/callback.')
  }
  const isOpenId = scope.split(' ').includes('openid')
  /** Without it a server may give a token for userinfo, whatever was asked for at the authorization endpoint (RFC 8707 2.2). */
  const named = resource ? { additionalParameters: { resource } } : {}
  /** How the states made here begin: by it a callback is known, as not every server says that it has sent it, and others may use the same server. */
  const mark = `authflight-${clientId}-`
  const server = discover(issuer)
  const client: oauth4.Client = {
    client_id: clientId,
    // An ID token comes straight from the token endpoint in answer to our own nonce: that makes it fresh, not this device's
    // clock, which may be hours off. Ten years, in seconds.
    [oauth4.clockTolerance]: 315_360_000,
  }

  return {
    kind: 'oauth',
    authority: issuer.href,
    clientId,
    reuse: options.reuse ?? 'unknown',
    audience: [...scope.split(' ').toSorted(), resource ?? ''].join(' '),
    // The second is what Ory Hydra up to 1.11 says of a token that was rotated or revoked.
    terminal: { invalid_grant: 'rejected', token_inactive: 'rejected' },

    async refresh(refreshToken, io) {
      const as = await server(io)
      const response = await oauth4.refreshTokenGrantRequest(as, client, oauth4.None(), refreshToken, {
        ...transport(issuer, io.present, io.signal),
        ...named,
      })
      return readAnswer(response, io, isOpenId ? 'optional' : 'unasked', (answer) =>
        oauth4.processRefreshTokenResponse(as, client, answer),
      )
    },

    async signIn(request, io) {
      // The client takes the last two for itself.
      checkNames(request, ['prompt', 'loginHint', 'queryParams', 'returnTo', 'add'], 'signIn(): ')
      const { prompt, loginHint, queryParams = {} } = request
      const { max_age: maxAge } = queryParams
      if (maxAge !== undefined && !isOpenId)
        fail('`max_age` needs `openid` in the scope: only an ID token says when the user had authenticated.')
      if ((queryParams.response_mode ?? 'query') !== 'query')
        fail('`response_mode` must be `query`: that is where a callback is looked for.')
      const { verifier, challenge } = await createPkce()
      const as = await server(io)
      if (!isWebAddress(as.authorization_endpoint, issuer)) {
        throw new AuthError(
          'provider_invalid',
          'The provider names no authorization endpoint, or one that is no web address, so nobody can sign in through it.',
        )
      }
      const state = mark + randomText()
      const nonce = randomText()
      const back = redirectUri ?? addressOfPage() ?? withoutPage()
      const url = new URL(as.authorization_endpoint)
      const own: Record<string, string | undefined> = {
        client_id: clientId,
        redirect_uri: back,
        response_type: 'code',
        scope,
        state,
        nonce: isOpenId ? nonce : undefined,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        resource,
        prompt,
        login_hint: loginHint,
      }
      for (const [name, value] of [...Object.entries(queryParams), ...Object.entries(own)])
        if (value !== undefined) url.searchParams.set(name, value)
      return {
        url: url.href,
        state,
        keep: {
          nonce,
          verifier,
          redirectUri: back,
          ...(maxAge !== undefined && { maxAge: `${maxAge}`, begun: `${io.now()}` }),
        },
      }
    },

    readCallback({ searchParams }) {
      const state = searchParams.get('state')
      const sender = searchParams.get('iss')
      if (state === null || !(searchParams.has('code') || searchParams.has('error'))) return null
      const isForeign = sender !== null && !(URL.canParse(sender) && new URL(sender).href === issuer.href)
      return isForeign ? null : { state, certain: state.slice(0, -43) === mark }
    },

    async exchange(url, keep: Readonly<Record<string, string>>, io) {
      const as = await server(io)
      const parameters = checkCallback(as, client, url)
      const response = await oauth4.authorizationCodeGrantRequest(
        as,
        client,
        oauth4.None(),
        parameters,
        keep.redirectUri ?? '',
        keep.verifier ?? '',
        { ...transport(issuer, io.present, io.signal), ...named },
      )
      const required = isOpenId ? 'required' : 'unasked'
      // Scopes that are not named are those that were asked for (RFC 6749 5.1).
      return readAnswer(response, { ...io, scope }, required, async (answer) => {
        const tokens = await oauth4.processAuthorizationCodeResponse(
          as,
          client,
          answer,
          isOpenId ? { expectedNonce: keep.nonce ?? '', requireIdToken: true } : {},
        )
        const { maxAge, begun } = keep
        if (maxAge !== undefined) checkAuthTime(tokens, Number(maxAge), (io.now() - Number(begun)) / 1_000)
        return tokens
      })
    },

    async signOutUrl(returnTo, io, idToken) {
      const as = await server(io)
      if (!isWebAddress(as.end_session_endpoint, issuer)) return null
      const url = new URL(as.end_session_endpoint)
      url.searchParams.set('client_id', clientId)
      url.searchParams.set('post_logout_redirect_uri', returnTo)
      if (idToken) url.searchParams.set('id_token_hint', idToken)
      return url.href
    },

    async user(accessToken, io, { user }) {
      if (!isOpenId) return { kind: 'user', user: null }
      const as = await server(io)
      if (!as.userinfo_endpoint) return { kind: 'user', user: null }
      const response = await oauth4.userInfoRequest(as, client, accessToken, transport(issuer, io.fetch, io.signal))
      return readUserInfo(response, io.now(), (answer) =>
        oauth4.processUserInfoResponse(as, client, user?.id ?? oauth4.skipSubjectCheck, answer),
      )
    },

    async revoke({ accessToken, refreshToken }, io, wanted) {
      const as = await server(io)
      if (!as.revocation_endpoint || wanted === 'others') return false
      const hint = refreshToken === null ? 'access_token' : 'refresh_token'
      const response = await oauth4.revocationRequest(as, client, oauth4.None(), refreshToken ?? accessToken, {
        ...transport(issuer, io.fetch, io.signal),
        additionalParameters: { token_type_hint: hint },
      })
      await oauth4.processRevocationResponse(response)
      return true
    },
  }
}

/** The page is sent there: it must be https, or http where the issuer is. */
function isWebAddress(address: string | undefined, issuer: URL): address is string {
  const protocol = address !== undefined && URL.canParse(address) ? new URL(address).protocol : null
  return protocol === 'https:' || (protocol === 'http:' && issuer.protocol === 'http:')
}

function checkIssuer(issuer: string): URL {
  const url = readSecureAddress(issuer)
  if (url) return url
  fail(
    '`issuer` must be the https address of the provider, as its discovery document names it, for example ' +
      'https://id.example.com (http only on localhost).',
  )
}

function withoutPage(): never {
  fail('`redirectUri` is missing. Outside a page, give the address that the provider sends the user back to.')
}

function fail(message: string): never {
  throw new AuthError('invalid_option', `oauth(): ${message}`)
}
