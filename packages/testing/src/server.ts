import { json, type Answer } from './answer.ts'
import type { AuthServer, AuthServerOptions, Whose } from './auth-server.ts'
import { createDirectFetch } from './direct-fetch.ts'
import { answerAuthorization, findUser } from './endpoints/authorization.ts'
import type { ServerContext } from './endpoints/context.ts'
import { writeTokens } from './endpoints/token.ts'
import { readBearer, readExchange } from './exchange.ts'
import { createFaultBoard } from './fault-board.ts'
import { applyAll } from './faults.ts'
import { createGate } from './gate.ts'
import { findLeaks, type Secret } from './leaks.ts'
import { createModel } from './model/authorization-server.ts'
import { readProfile } from './model/reuse-profile.ts'
import type { Session, TestUser } from './model/session.ts'
import { createHandlers } from './msw.ts'
import { readFacts } from './request-facts.ts'
import { closeEntry, countEntries, openEntry, type OpenEntry } from './request-log.ts'
import { findRoute, type Route } from './routes.ts'
import { newCanary } from './secrets.ts'
import { createSigner } from './signing.ts'

const ada: TestUser = { login: 'ada', sub: 'canary_sub_ada', name: 'Ada Lovelace', email: 'canary.ada@example.test' }
const grace: TestUser = {
  login: 'grace',
  sub: 'canary_sub_grace',
  name: 'Grace Hopper',
  email: 'canary.grace@example.test',
}

/**
 * An authorization server for tests: OpenID Connect with PKCE and rotating refresh tokens, reached through MSW, through
 * its own `fetch`, or over HTTP (`serve` in `@authflight/testing/node`). What it answers depends on what a request
 * presents, never on the order in which parallel requests come.
 */
export function createAuthServer(options: AuthServerOptions = {}): AuthServer {
  const { users = [ada, grace], clientIds = ['spa'], accessTokenFormat = 'opaque', now = () => Date.now() } = options
  const issuer = (options.issuer ?? 'https://id.example.test').replace(/\/$/, '')
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, '')
  const profile = readProfile(options.profile ?? 'strict')
  const { accessTokenTtl = 60, refreshTokenTtl = Infinity } = options

  const signer = createSigner()
  const board = createFaultBoard()
  const log: OpenEntry[] = []
  const newModel = () => createModel({ profile, accessTokenTtl, refreshTokenTtl, now, newSecret: newCanary })
  let context: ServerContext = { model: newModel(), signer, users, clientIds, accessTokenFormat }

  async function respond(request: Request, { endpoint, answer }: Pick<Route, 'endpoint' | 'answer'>): Promise<Answer> {
    const read = await readExchange(request, signer, issuerPath)
    const facts = readFacts(context.model, endpoint, read.form, read.bearer)
    const entry = openEntry(facts, log.length + 1, now())
    log.push(entry)
    const faults = board.take(facts)
    entry.faults = faults.map((fault) => fault.name)
    const outcome = await applyAll(faults, async () => {
      entry.processed = true
      return answer(context, { ...read, entry })
    })
    await closeEntry(entry, outcome)
    return outcome
  }

  async function handle(request: Request): Promise<Answer> {
    const route = findRoute(request.method, new URL(request.url).pathname, issuerPath)
    return route ? respond(request, route) : json({ error: 'not_found' }, 404)
  }

  function sessionsOf({ user, session }: Whose = {}): Session[] {
    const mine = (of: Session) =>
      (user === undefined || of.user.login === user) && (session === undefined || of.id === session)
    return context.model.sessions.filter(mine)
  }

  function expire(tokens: ReadonlyMap<string, { session: Session; expiresAt: number }>, whose?: Whose): number {
    const sessions = new Set(sessionsOf(whose))
    const live = [...tokens.values()].filter((token) => sessions.has(token.session) && token.expiresAt > now())
    for (const token of live) token.expiresAt = now()
    return live.length
  }

  return {
    issuer,
    users,
    handlers: createHandlers(issuer, handle),
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
    leaksIn: (text) => findLeaks(text, listSecrets(context)),
    get liveSessions() {
      const active = [...context.model.refreshTokens.values()].filter((token) => context.model.isActive(token))
      return [...new Set(active.map((token) => token.session.id))]
    },
    faults: board,
    hold({ when = 'before', ...match } = {}) {
      const { gate, fault } = createGate(when, () => open())
      const open = board.always(fault, match)
      return gate
    },
    revokeSessions(whose) {
      const live = sessionsOf(whose).filter((session) => !session.ended)
      for (const session of live) context.model.endSession(session, 'revoked')
      return live.length
    },
    expireRefreshTokens: (whose) => expire(context.model.refreshTokens, whose),
    expireAccessTokens: (whose) => expire(context.model.accessTokens, whose),
    setAccessTokenTtl: (seconds) => context.model.setAccessTokenTtl(seconds),
    accessOf(request) {
      const access = context.model.checkAccess(readBearer(request, signer) ?? '')
      return access && { user: access.session.user, session: access.session.id, scopes: access.scope.split(' ') }
    },
    reset() {
      context = { ...context, model: newModel() }
      log.length = 0
      board.clear()
    },
  }
}

function* listSecrets({ model, signer, users }: ServerContext): Generator<Secret> {
  yield* model.refreshTokens.values()
  yield* model.accessTokens.values()
  yield* model.codes.values()
  for (const [value, { id }] of signer.accessTokens) yield { id: `${id} (signed)`, value }
  for (const [value, { session }] of signer.idTokens) yield { id: `ID token of ${session.id}`, value }
  for (const { login, sub, email } of users) {
    yield { id: `${login}.sub`, value: sub }
    yield { id: `${login}.email`, value: email }
  }
}
