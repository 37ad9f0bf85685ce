import { isSendable, mayPresentAgain } from './answers.ts'
import { AuthApiError, AuthError } from '../base/errors.ts'
import { claimsOf } from '../base/jwt-claims.ts'
import { checkNames } from '../base/option-names.ts'
import { createComeback, readComeback, whyBack, withQuery } from './gotrue-comeback.ts'
import { createMethods } from './gotrue-methods.ts'
import { terminal } from './gotrue-refusals.ts'
import {
  requestNames,
  type GoTrueMethods,
  type GoTrueSignIn,
  type OAuthSignIn,
  type OtpSignIn,
} from './gotrue-requests.ts'
import { createGoTrueServer, explained, isGone, readUser, security, toAnswer } from './gotrue-server.ts'
import type { Answer, Departing, PlainIo, Provider, ProviderIo, ReuseProfile, Waiting } from './provider.ts'
import { addressOfPage, readSecureAddress } from './web-address.ts'

export type {
  Address,
  AnonymousSignIn,
  GoTrueMethods,
  GoTrueSignIn,
  OAuthSignIn,
  OtpProof,
  OtpSignIn,
  PasswordSignIn,
  SignUpRequest,
  UserAndSession,
  UserChanges,
} from './gotrue-requests.ts'

export interface GoTrueOptions {
  /** The address of the server: `https://<project>.supabase.co/auth/v1`. Https, or http on this machine. */
  readonly url: string
  /** The publishable (anon) key of the project, never a secret one. Leave it out where no gateway asks for one. */
  readonly apiKey?: string | undefined
  /**
   * Where links in messages and other providers send the user back. It must be among the project's redirect URLs, with any query. Default: this
   * page's address without query and hash; outside a page none, so that messages are good for their codes only.
   */
  readonly redirectTo?: string | undefined
  /** What the server does with a rotated refresh token that comes again. Default `idempotent`, as GoTrue does with the last one. */
  readonly reuse?: ReuseProfile | undefined
}

/**
 * A provider for GoTrue servers, Supabase Auth among them: passwords, codes and links by e-mail and phone, other providers with PKCE
 * (RFC 7636), anonymous users, and what changes a user.
 * @throws {AuthError} `invalid_option` for an option that there is none of, or that cannot be right.
 */
export function gotrue(options: GoTrueOptions): Provider<GoTrueSignIn, GoTrueMethods> {
  const url = checkUrl(options?.url)
  checkNames(options, ['url', 'apiKey', 'redirectTo', 'reuse'], 'gotrue(): ')
  checkKey(options.apiKey)
  checkRedirect(options.redirectTo)
  const { reuse = 'idempotent' } = options
  const server = createGoTrueServer(url, options.apiKey)
  const redirectTo = (): string | undefined => options.redirectTo ?? addressOfPage()

  async function refresh(refreshToken: string, { present: send, ...io }: Omit<ProviderIo, 'fetch'>): Promise<Answer> {
    const path = '/token?grant_type=refresh_token'
    const answer = await server.ask({ method: 'POST', path, body: { refresh_token: refreshToken } }, { ...io, send })
    // There is nothing in this request but the token that could be invalid.
    const isInvalid = answer.kind === 'refused' && answer.error === 'validation_failed'
    return toAnswer(isInvalid ? { ...answer, error: 'invalid_grant' } : answer)
  }

  async function signInAtOnce(path: string, body: object, io: PlainIo): Promise<Answer> {
    return toAnswer(await server.askFor({ method: 'POST', path, body }, io))
  }

  async function sendCode(request: OtpSignIn, io: PlainIo): Promise<Waiting | Answer> {
    const { email, phone, createUser: create_user = true, data = {}, channel, captchaToken } = request
    const { back, query, challenge } = await createComeback(email === undefined ? undefined : redirectTo())
    const body = { email, phone, create_user, data, channel, ...challenge, ...security(captchaToken) }
    const answer = await server.askFor({ method: 'POST', path: withQuery('/otp', query), body }, io)
    return answer.kind === 'json' ? { kind: 'waiting', back } : answer
  }

  async function depart({ provider, scopes, queryParams = {} }: OAuthSignIn): Promise<Departing> {
    const { back, query, challenge } = await createComeback(redirectTo())
    if (!back) {
      fail('`redirectTo` is missing. Outside a page, give the address that the user is sent back to.')
    }
    const wanted = scopes === undefined ? {} : { scopes }
    return {
      ...back,
      url: url + withQuery('/authorize', { ...queryParams, ...wanted, provider, ...query, ...challenge }),
    }
  }

  return {
    kind: 'gotrue',
    authority: url,
    // There are no clients: whoever has the key of a project is its app.
    clientId: 'gotrue',
    reuse,
    audience: '',
    terminal,
    tellsWholeUsers: true,
    refresh,

    async signIn(request, io) {
      if (Object.hasOwn(requestNames.signIn, request.method))
        checkNames(request, requestNames.signIn[request.method], 'signIn(): ')
      switch (request.method) {
        case 'password': {
          const { email, phone, password, captchaToken } = request
          return signInAtOnce('/token?grant_type=password', { email, phone, password, ...security(captchaToken) }, io)
        }
        case 'anonymous': {
          const { data = {}, captchaToken } = request
          return signInAtOnce('/signup', { data, ...security(captchaToken) }, io)
        }
        case 'otp':
          return sendCode(request, io)
        case 'oauth':
          return depart(request)
        default:
          return fail("`signIn` takes { method: 'password' | 'otp' | 'oauth' | 'anonymous' } and what that needs.")
      }
    },

    readCallback: readComeback,

    async exchange({ searchParams }, { verifier = '' }, { present: send, signal, now }) {
      const [code, ...more] = searchParams.getAll('code')
      if (code === undefined || more.length > 0 || searchParams.has('error') || searchParams.has('error_code'))
        throw whyBack(searchParams)
      const body = { auth_code: code, code_verifier: verifier }
      const answer = await server.ask({ method: 'POST', path: '/token?grant_type=pkce', body }, { send, signal, now })
      return toAnswer(explained(answer))
    },

    async user(accessToken, io) {
      const answer = await server.askFor({ method: 'GET', path: '/user', accessToken }, io)
      return answer.kind === 'json' ? readUser(answer.json) : answer
    },

    async revoke({ accessToken, refreshToken }, { fetch: send, ...io }, scope) {
      const leave = (token: string) =>
        server.ask({ method: 'POST', path: `/logout?scope=${scope}`, accessToken: token }, { ...io, send })
      let answer = await leave(accessToken)
      // The server wants a living access token, and the session may have been asleep.
      if (answer.kind === 'refused' && answer.status === 401 && refreshToken !== null && mayPresentAgain(reuse)) {
        const renewed = await refresh(refreshToken, { ...io, present: send })
        answer = renewed.kind === 'tokens' ? await leave(renewed.tokens.accessToken) : renewed
      }
      if (answer.kind === 'json' || (scope === 'local' && isGone(answer))) return true
      const status = 'status' in answer ? answer.status : 500
      throw new AuthApiError('server_error', 'The server did not end the session.', status)
    },

    methods: (context) => createMethods(server, redirectTo, context),
  }
}

function checkUrl(given: string): string {
  const url = readSecureAddress(given)
  if (!url)
    fail(
      '`url` must be the https address of the server, as https://<project>.supabase.co/auth/v1 (http only on localhost).',
    )
  if (url.hostname.endsWith('.supabase.co') && url.pathname === '/')
    fail('`url` is that of the project. Add /auth/v1 to it.')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function checkKey(key: string | undefined): void {
  if (key === undefined) return
  if (!isSendable(key)) fail('`apiKey` takes the publishable (anon) key of the project.')
  // A key of the older kind is a JWT, which names its role.
  if (key.startsWith('sb_secret_') || claimsOf(key)?.role === 'service_role') {
    fail(
      '`apiKey` is a secret key, which opens everything to whoever reads this page. Give the publishable (anon) one, and make a new secret.',
    )
  }
}

function checkRedirect(redirectTo: string | undefined): void {
  if (redirectTo !== undefined && !URL.canParse(redirectTo))
    fail('`redirectTo` takes a whole address, such as https://app.example.com/.')
}

function fail(message: string): never {
  throw new AuthError('invalid_option', `gotrue(): ${message}`)
}
