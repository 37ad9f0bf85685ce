import { json, type Answer } from './answer.ts'
import type { AuthServer, AuthServerOptions } from './auth-server.ts'
import { createDirectFetch } from './direct-fetch.ts'
import { answerAuthorization, findUser } from './endpoints/authorization.ts'
import type { ServerContext } from './endpoints/context.ts'
import { writeTokens } from './endpoints/token.ts'
import { readBearer, readExchange } from './exchange.ts'
import { listSecrets } from './known-secrets.ts'
import { findLeaks } from './leaks.ts'
import { createModel } from './model/authorization-server.ts'
import { readProfile } from './model/reuse-profile.ts'
import { createHandlers } from './msw.ts'
import { createOperator } from './operator.ts'
import { people } from './people.ts'
import { createReception } from './reception.ts'
import { readFacts } from './request-facts.ts'
import { countEntries } from './request-log.ts'
import { findRoute, type Route, routes } from './routes.ts'
import { newCanary } from './secrets.ts'
import { createSigner } from './signing.ts'

/**
 * An authorization server for tests: OpenID Connect with PKCE and rotating refresh tokens, reached through MSW, through
 * its own `fetch`, or over HTTP (`serve` in `@authflight/testing/node`). What it answers depends on what a request
 * presents, never on the order in which parallel requests come.
 */
export function createAuthServer(options: AuthServerOptions = {}): AuthServer {
  const { users = people, clientIds = ['spa'], accessTokenFormat = 'opaque', now = () => Date.now() } = options
  const issuer = (options.issuer ?? 'https://id.example.test').replace(/\/$/, '')
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, '')
  const profile = readProfile(options.profile ?? 'strict')
  const { accessTokenTtl = 60, refreshTokenTtl = Infinity } = options

  const signer = createSigner()
  const reception = createReception(now)
  const { log, faults, hold } = reception
  const newModel = () => createModel({ profile, accessTokenTtl, refreshTokenTtl, now, newSecret: newCanary })
  let context: ServerContext = { model: newModel(), signer, users, clientIds, accessTokenFormat }
  const operator = createOperator(() => context.model, now)

  async function respond(request: Request, { endpoint, answer }: Pick<Route, 'endpoint' | 'answer'>): Promise<Answer> {
    const read = await readExchange(request, signer, issuerPath)
    const facts = readFacts(context.model, endpoint, read.form, read.bearer)
    return reception.receive(facts, (entry) => answer(context, { ...read, entry }))
  }

  async function handle(request: Request): Promise<Answer> {
    const route = findRoute(routes, request.method, new URL(request.url).pathname, issuerPath)
    return route ? respond(request, route) : json({ error: 'not_found' }, 404)
  }

  return {
    issuer,
    users,
    handlers: createHandlers(issuer, routes, handle),
    fetch: createDirectFetch(handle),
    handle,
    async authorize(url, consent) {
      const answer = await respond(new Request(url), {
        endpoint: 'authorization',
        answer: (...request) => answerAuthorization(...request, consent),
      })
      const callback = typeof answer === 'string' ? null : answer.headers.get('location')
      if (callback === null) throw new TypeError('Nothing leads back: no known client_id, or no redirect_uri.')
      return callback
    },
    signIn({ user, clientId = clientIds[0] ?? '', scope = 'openid profile email', resource = null } = {}) {
      const { model } = context
      const session = model.openSession({ user: findUser(users, user), clientId, scope, resource, nonce: null })
      return writeTokens(context, issuer, model.firstTokens(session), null)
    },
    log,
    count: (what) => countEntries(log, what),
    presentations(refreshToken) {
      const id = context.model.refreshTokens.get(refreshToken)?.id
      return log.filter((entry) => entry.presentation && entry.token === id).length
    },
    idOf: (token) => context.model.find(signer.accessTokens.get(token)?.value ?? token)?.id ?? null,
    leaksIn: (text) => findLeaks(text, listSecrets(context.model, signer, users)),
    get liveSessions() {
      return operator.liveSessions
    },
    faults,
    hold,
    revokeSessions: operator.revokeSessions,
    expireRefreshTokens: operator.expireRefreshTokens,
    expireAccessTokens: operator.expireAccessTokens,
    setAccessTokenTtl: (seconds) => context.model.setAccessTokenTtl(seconds),
    accessOf(request) {
      const access = context.model.checkAccess(readBearer(request, signer) ?? '')
      return access && { user: access.session.user, session: access.session.id, scopes: access.scope.split(' ') }
    },
    reset() {
      context = { ...context, model: newModel() }
      reception.reset()
    },
  }
}
