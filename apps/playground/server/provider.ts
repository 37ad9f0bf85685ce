import { randomBytes } from 'node:crypto'
import Provider, { type Context, type Grant } from 'oidc-provider'
import type { JWK } from 'jose'
import type { AccessTokens } from './access-tokens.ts'
import { findBySubject } from './accounts.ts'
import { renderErrorPage, renderSignedOutPage, renderSignOutPage } from './pages.ts'
import type { RefreshLifetime } from './refresh-lifetime.ts'
import type { TokenStore } from './token-store.ts'

export const clientId = 'playground'

const scope = 'openid profile email'
const hour = 3600

export interface ProviderSetup {
  /** What the browser calls the authorization server: an origin, no slash at its end. */
  readonly issuer: string
  /** What the browser calls the page: an origin, no slash at its end. */
  readonly appUrl: string
  /** The audience of the access tokens. */
  readonly resource: string
  /** A private ES256 key. */
  readonly signingKey: JWK
  readonly store: TokenStore
  readonly accessTokens: AccessTokens
  readonly refreshLifetime: RefreshLifetime
}

/**
 * A real OpenID provider with one public client. Refresh tokens rotate strictly: one that comes again revokes its
 * grant, the newest token included.
 */
export function createProvider({
  issuer,
  appUrl,
  resource,
  signingKey,
  store,
  accessTokens,
  refreshLifetime,
}: ProviderSetup): Provider {
  const resourceServer = { scope, audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
  const provider = new Provider(issuer, {
    adapter: store.adapterFor,
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [
      {
        client_id: clientId,
        client_name: 'Authflight playground',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${appUrl}/`],
        post_logout_redirect_uris: [`${appUrl}/`],
      },
    ],
    clientBasedCORS: (_context: Context, origin: string) => origin === appUrl,
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    scopes: scope.split(' '),
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    // The ID token names the user, so that a client needs no userinfo request.
    conformIdTokenClaims: false,
    findAccount,
    loadExistingGrant: (context: Context) => grantToSignIn(context, resource),
    issueRefreshToken: async (_context: Context, client: Context['oidc']['client']) =>
      client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // Tokens live on when the browser's session at this server ends: signing in as Bob signs nobody else out.
    expiresWithSession: async () => false,
    extraTokenClaims: () => ({ generation: accessTokens.generation }),
    ttl: {
      AccessToken: () => accessTokens.ttl,
      AuthorizationCode: 60,
      IdToken: hour,
      Interaction: hour,
      RefreshToken: () => refreshLifetime.seconds,
      Grant: 12 * hour,
      Session: 12 * hour,
    },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: { enabled: true, allowedPolicy: async () => true },
      resourceIndicators: {
        enabled: true,
        // A client that names no resource gets tokens for the only one there is.
        defaultResource: async () => resource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => resourceServer,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (context: Context, form: string) => show(context, renderSignOutPage(form)),
        postLogoutSuccessSource: async (context: Context) => show(context, renderSignedOutPage(appUrl)),
      },
    },
    renderError: async (context: Context, problem: Record<string, string>) =>
      show(context, renderErrorPage(problem, appUrl)),
  })
  provider.on('access_token.issued', () => accessTokens.noteIssued())
  return provider
}

/**
 * Every sign-in gets a grant of its own, with all it may have, so nobody is asked for consent; and revoking one
 * sign-in leaves the others alone.
 */
async function grantToSignIn({ oidc }: Context, resource: string): Promise<Grant> {
  const { accountId } = oidc.account
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId })
  grant.addOIDCScope(scope)
  grant.addResourceScope(resource, scope)
  await grant.save()
  return grant
}

function findAccount(_context: unknown, subject: string) {
  const account = findBySubject(subject)
  if (!account) return undefined
  const { login, name, email } = account
  return {
    accountId: subject,
    claims: () => ({ sub: subject, name, preferred_username: login, email, email_verified: true }),
  }
}

function show(context: Context, html: string) {
  context.type = 'html'
  context.body = html
}
