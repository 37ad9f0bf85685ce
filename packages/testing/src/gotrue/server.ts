import { json, type Answer } from '../answer.ts'
import { createDirectFetch } from '../direct-fetch.ts'
import { type Consent, findUser } from '../endpoints/authorization.ts'
import { readBearer } from '../exchange.ts'
import { listSecrets } from '../known-secrets.ts'
import { findLeaks, type Secret } from '../leaks.ts'
import { createModel } from '../model/authorization-server.ts'
import { createHandlers } from '../msw.ts'
import { createOperator } from '../operator.ts'
import { people } from '../people.ts'
import { createReception } from '../reception.ts'
import { readFacts } from '../request-facts.ts'
import { countEntries } from '../request-log.ts'
import { findRoute } from '../routes.ts'
import { newCanary } from '../secrets.ts'
import { createSigner } from '../signing.ts'
import { answerAuthorize } from './authorize.ts'
import type { GoTrueContext, GoTrueRoute, Settings } from './context.ts'
import type { GoTrueServer, GoTrueServerOptions } from './gotrue-server.ts'
import { createMailbox, tenDigits } from './mailbox.ts'
import { gotrueRoutes } from './routes.ts'
import { openSession } from './session.ts'
import { createUsers, type GoTrueUser } from './users.ts'

const signedUp: readonly GoTrueUser[] = people.map((user, index) => ({
  ...user,
  phone: `+1555010${index}`,
  password: `canary_password_${user.login}`,
}))

/**
 * A GoTrue server, as Supabase Auth is, for tests: passwords, codes and links, other providers with PKCE, anonymous users, and refresh tokens of both
 * versions, reached through MSW, through its own `fetch`, or over HTTP (`serve` in `@authflight/testing/node`).
 */
export function createGoTrueServer(options: GoTrueServerOptions = {}): GoTrueServer {
  const { apiKey = 'sb_publishable_test', tokens = 'v1', now = () => Date.now() } = options
  const issuer = (options.issuer ?? 'https://project.example.test/auth/v1').replace(/\/$/, '')
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, '')
  const settings: Settings = {
    issuer,
    siteUrl: options.siteUrl ?? 'https://site.example.test/',
    redirectUrls: options.redirectUrls ?? null,
    tokens,
    autoconfirm: options.autoconfirm ?? false,
    secureEmailChange: options.secureEmailChange ?? true,
    reauthentication: options.reauthentication ?? false,
    errors: options.errors ?? 'current',
    accessTokenFormat: options.accessTokenFormat ?? 'jwt',
  }
  const signer = createSigner()
  const reception = createReception(now)
  const { log, faults, hold } = reception

  const begin = (): GoTrueContext => ({
    settings,
    signer,
    model: createModel({
      profile: { name: `gotrue-${tokens}`, seconds: options.reuseInterval ?? 10 },
      accessTokenTtl: options.accessTokenTtl ?? 3_600,
      refreshTokenTtl: Infinity,
      now,
      // Of the server's own form: a callback is known by it.
      newSecret: (kind) => (kind === 'code' ? crypto.randomUUID() : newCanary(kind)),
    }),
    users: createUsers(options.users ?? signedUp, () => newCanary('subject')),
    mailbox: createMailbox(issuer, now, { newLink: () => newCanary('link'), newCode: tenDigits }),
  })
  let context = begin()
  const operator = createOperator(() => context.model, now)

  async function respond(
    request: Request,
    { endpoint, answer }: Pick<GoTrueRoute, 'endpoint' | 'answer'>,
  ): Promise<Answer> {
    const url = new URL(request.url)
    const body = request.method === 'GET' ? {} : await readBody(request)
    const bearer = readBearer(request, signer)
    const facts = readFacts(context.model, endpoint, readForm(url, body), bearer)
    const isDated = (request.headers.get('x-supabase-api-version') ?? '') >= '2024-01-01'
    return reception.receive(facts, (entry) => answer(context, { url, body, bearer, isDated, entry }))
  }

  async function handle(request: Request): Promise<Answer> {
    const { pathname } = new URL(request.url)
    const route = findRoute(gotrueRoutes, request.method, pathname, issuerPath)
    if (!route) return json({ message: 'no Route matched with those values' }, 404)
    // A browser that is sent somewhere carries no key.
    const isNavigation = request.method === 'GET' && ['authorization', 'verify'].includes(route.endpoint)
    if (apiKey !== null && !isNavigation && request.headers.get('apikey') !== apiKey) {
      return json({ message: 'Invalid API key', hint: 'Double check your API key.' }, 401)
    }
    return respond(request, route)
  }

  async function visit(url: string | URL, route: Pick<GoTrueRoute, 'endpoint' | 'answer'>): Promise<string> {
    const answer = await respond(new Request(url), route)
    const location = typeof answer === 'string' ? null : answer.headers.get('location')
    if (location === null) throw new TypeError('Nothing leads back from there.')
    return location
  }

  return {
    issuer,
    apiKey: apiKey ?? '',
    get users() {
      return context.users.all.map(({ password, ...user }) => ({ ...user, ...(password !== null && { password }) }))
    },
    handlers: createHandlers(issuer, gotrueRoutes, handle),
    fetch: createDirectFetch(handle),
    handle,
    authorize: (url, consent?: Consent) =>
      visit(url, { endpoint: 'authorization', answer: (...given) => answerAuthorize(...given, consent) }),
    signIn: ({ user } = {}) => openSession(context, findUser(context.users.all, user)),
    get messages() {
      return context.mailbox.letters.map(({ kind, user, to, code, tokenHash, link }) => ({
        kind,
        user,
        to,
        code,
        tokenHash,
        link,
      }))
    },
    async follow(link) {
      const route = findRoute(gotrueRoutes, 'GET', new URL(link).pathname, issuerPath)
      if (!route) throw new TypeError('That is no link of this server.')
      return visit(link, route)
    },
    log,
    count: (what) => countEntries(log, what),
    presentations(refreshToken) {
      const id = context.model.refreshTokens.get(refreshToken)?.id
      return log.filter((entry) => entry.presentation && entry.token === id).length
    },
    idOf: (token) => context.model.find(signer.accessTokens.get(token)?.value ?? token)?.id ?? null,
    leaksIn: (text) => findLeaks(text, secretsOf(context)),
    get liveSessions() {
      return operator.liveSessions
    },
    faults,
    hold,
    revokeSessions: operator.revokeSessions,
    expireSessions: operator.expireRefreshTokens,
    expireAccessTokens: operator.expireAccessTokens,
    setAccessTokenTtl: (seconds) => context.model.setAccessTokenTtl(seconds),
    ban(user) {
      findUser(context.users.all, user).banned = true
    },
    accessOf(request) {
      const access = context.model.checkAccess(readBearer(request, signer) ?? '')
      return access && { user: access.session.user, session: access.session.id, scopes: [] }
    },
    reset() {
      context = begin()
      reception.reset()
    },
  }
}

async function readBody(request: Request): Promise<Record<string, unknown>> {
  const body: unknown = await request.json().catch(() => null)
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

/** What a request presents, as the log looks for it. */
function readForm(url: URL, body: Record<string, unknown>): URLSearchParams {
  const form = new URLSearchParams(url.search)
  const presented = { refresh_token: body.refresh_token, code: body.auth_code }
  for (const [name, value] of Object.entries(presented)) if (typeof value === 'string') form.set(name, value)
  return form
}

function* secretsOf({ model, signer, users, mailbox }: GoTrueContext): Generator<Secret> {
  yield* listSecrets(model, signer, users.all)
  yield* mailbox.secrets()
  for (const { login, phone, password } of users.all) {
    if (phone !== '') yield { id: `${login}.phone`, value: phone }
    if (password !== null) yield { id: `${login}.password`, value: password }
  }
}
