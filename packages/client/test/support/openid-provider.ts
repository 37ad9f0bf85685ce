import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Adapter, type AdapterPayload, type Context, type Grant } from 'oidc-provider'
import { onTestFinished } from 'vitest'

export const apiAudience = 'https://api.example.test'
export const redirectUri = 'https://app.example.test/back'

const scope = 'openid profile email offline_access'

export interface OpenIdProviderOptions {
  /** Every proof needs a nonce of the server's. Default false. */
  readonly requireNonce?: boolean
  /** Takes no token that is bound to no key. Default false. */
  readonly requireDpop?: boolean
  /** Which sign-ins bring a refresh token. `stock`: those that the provider takes by itself. Default: all. */
  readonly refreshTokens?: 'all' | 'stock'
  /** What an ID token tells of the user. `stock`: nothing but the subject, as the provider does by itself. Default: name and e-mail address. */
  readonly idTokens?: 'all' | 'stock'
  /** Whether a code brings a token for the API that the sign-in has named. `stock`: only where its exchange names it again. Default: yes. */
  readonly resources?: 'granted' | 'stock'
}

/** One request to the provider, as it answered. */
export interface Seen {
  readonly path: string
  readonly grant: string | null
  readonly status: number
  readonly error: string | null
}

export interface OpenIdProvider {
  readonly issuer: string
  /** What came to the token endpoint and to userinfo, in order. */
  readonly seen: readonly Seen[]
  /** How many refresh tokens are good. */
  readonly countRefreshTokens: () => number
  /** Goes where a sign-in leaves for, as a browser of `ada`'s, and gives the address that she is sent back to. */
  authorize(url: string): Promise<string>
}

/** A real OpenID provider on this machine, stopped with the test: a public client, refresh tokens that rotate, DPoP. */
export async function startOpenIdProvider(options: OpenIdProviderOptions = {}): Promise<OpenIdProvider> {
  let answer: RequestListener = () => {}
  const issuer = await listen((...request) => answer(...request))
  const stored = new Map<string, AdapterPayload>()
  const provider = new Provider(issuer, await configure(stored, options))
  const seen: Seen[] = []
  provider.use(async (context, next) => {
    await next()
    if (!/^\/(token|me)$/.test(context.path)) return
    const { body, status, path, oidc } = context as Context & { oidc?: { params?: { grant_type?: string } } }
    const { error = null } = (body ?? {}) as { error?: string }
    seen.push({ path, grant: oidc?.params?.grant_type ?? null, status, error })
  })
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next()
    const { res, req } = context
    context.status = 303
    context.set('location', await provider.interactionResult(req, res, { login: { accountId: 'ada' }, consent: {} }))
  })
  const respond = provider.callback()
  answer = (request, response) => void respond(request, response)
  const countRefreshTokens = (): number =>
    [...stored].filter(([key, { consumed }]) => key.startsWith('RefreshToken:') && !consumed).length
  return { issuer, seen, countRefreshTokens, authorize }
}

/** Serves on a free port until the test is finished. Gives the origin. */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise((resolve) => void server.close(() => resolve()))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a fetch was asked for. */
export const urlOf = (input: RequestInfo | URL): string => (input instanceof Request ? input.url : input.toString())

async function authorize(start: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = start
  while (!url.startsWith(redirectUri)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (!location) throw new Error(`The sign-in ended with ${response.status}: ${await response.text()}`)
    url = new URL(location, url).href
  }
  return url
}

async function configure(
  stored: Map<string, AdapterPayload>,
  {
    requireNonce = false,
    requireDpop = false,
    refreshTokens = 'all',
    idTokens = 'all',
    resources = 'granted',
  }: OpenIdProviderOptions,
): Promise<object> {
  const { privateKey } = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const resource = { scope, audience: apiAudience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
  const { key_ops: _, ...signingKey } = await crypto.subtle.exportKey('jwk', privateKey)
  return {
    adapter: rememberIn(stored),
    jwks: { keys: [{ ...signingKey, kid: 'one' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [
      {
        client_id: 'spa',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [redirectUri],
        dpop_bound_access_tokens: requireDpop,
      },
    ],
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    scopes: scope.split(' '),
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: idTokens === 'stock',
    findAccount: (_: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, name: 'Ada Lovelace', email: 'ada@example.test' }),
    }),
    loadExistingGrant: grantAll,
    ...(refreshTokens === 'all' && { issueRefreshToken: async () => true }),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      IdToken: 300,
      RefreshToken: 3600,
      Grant: 3600,
      Session: 3600,
      Interaction: 60,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: async () => true },
      rpInitiatedLogout: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => requireNonce },
      resourceIndicators: {
        enabled: true,
        // Tokens for userinfo, unless a client names the API.
        defaultResource: async () => undefined,
        useGrantedResource: async () => resources === 'granted',
        getResourceServerInfo: async () => resource,
      },
    },
  }
}

async function grantAll({ oidc }: Context): Promise<Grant> {
  const grant = new oidc.provider.Grant({ accountId: oidc.account.accountId, clientId: oidc.client.clientId })
  grant.addOIDCScope(scope)
  grant.addResourceScope(apiAudience, scope)
  await grant.save()
  return grant
}

/** What the provider remembers. */
function rememberIn(stored: Map<string, AdapterPayload>): (model: string) => Adapter {
  const find = (matches: (payload: AdapterPayload) => boolean) => [...stored.values()].find(matches)
  return (model) => ({
    upsert: async (id, payload) => void stored.set(`${model}:${id}`, payload),
    find: async (id) => stored.get(`${model}:${id}`),
    findByUid: async (uid) => find((payload) => payload.uid === uid),
    findByUserCode: async () => undefined,
    async consume(id) {
      const payload = stored.get(`${model}:${id}`)
      if (payload) payload.consumed = true
    },
    destroy: async (id) => void stored.delete(`${model}:${id}`),
    async revokeByGrantId(grantId) {
      for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key)
    },
  })
}
