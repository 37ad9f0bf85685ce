import { isSendable, readJson } from './answers.ts'
import { type AuthError, AuthRetryableFetchError } from '../base/errors.ts'
import type { User } from '../base/session.ts'
import { codeOf, isTold, refusalOf, terminal } from './gotrue-refusals.ts'
import type { Answer, PlainIo, TokenSet, UserAnswer } from './provider.ts'

type Unread = Exclude<Answer, { readonly kind: 'tokens' }>
type Refused = Extract<Answer, { readonly kind: 'refused' }>
type Read = { readonly kind: 'json'; readonly json: Record<string, unknown> }

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Below the server's address, with its query. */
  readonly path: string
  readonly body?: object
  readonly accessToken?: string
}

/** How a request goes out: `io.fetch`, or `io.present` for one that carries a one-time credential. */
type Way = Pick<PlainIo, 'signal' | 'now'> & { readonly send: typeof fetch }

export interface GoTrueServer {
  /** Sends a request. What is refused comes back as the server named it. */
  ask(request: Request, way: Way): Promise<Read | Unread>
  /**
   * The same for what a user asked for.
   * @throws {AuthApiError} for what is refused, unless it tells that the session, or its access token, is no good any more.
   */
  askFor(request: Request, io: PlainIo): Promise<Read | Unread>
}

export function createGoTrueServer(url: string, apiKey: string | undefined): GoTrueServer {
  async function ask({ method, path, body, accessToken }: Request, { send, signal, now }: Way): Promise<Read | Unread> {
    const response = await send(url + path, {
      method,
      signal,
      // Nothing that carries a token or a password follows a redirect.
      redirect: 'manual',
      headers: {
        ...(apiKey === undefined ? {} : { apikey: apiKey }),
        ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const { status } = response
    if (status === 204) return { kind: 'json', json: {} }
    const read = await readJson(response, now())
    if ('kind' in read) return unread(status, read.retryAfter)
    const { json, retryAfter } = read
    if (response.ok) return { kind: 'json', json }
    const code = codeOf(json)
    // The gateway in front of the server says no in a form of its own.
    if (code === null)
      return status === 401
        ? { ...refused(status, 'invalid_client', retryAfter), own: refusalOf('invalid_client', status) }
        : unread(status, retryAfter)
    // An access token that is not good is 403 here; elsewhere it is 401 (RFC 6750 3.1), and that is what the client looks for.
    const answer = refused(code === 'bad_jwt' ? 401 : status, code, retryAfter)
    return code === 'weak_password' ? { ...answer, own: refusalOf(code, status, json) } : answer
  }

  async function askFor(request: Request, { fetch, ...io }: PlainIo): Promise<Read | Unread> {
    const answer = await ask(request, { ...io, send: fetch }).catch((error: unknown): Unread => ({
      kind: 'silent',
      cause: 'network',
      error,
    }))
    if (answer.kind !== 'refused' || isBusy(answer.status)) return answer
    const isAboutSession = answer.error === 'bad_jwt' || isGone(answer)
    if (request.accessToken !== undefined && isAboutSession) return answer
    throw answer.own ?? refusalOf(answer.error, answer.status)
  }

  return { ask, askFor }
}

/** The server says that there is no such session, user or credential any more. */
export const isGone = (answer: Answer | Read): boolean =>
  answer.kind === 'refused' && Object.hasOwn(terminal, answer.error)

const isBusy = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status)

/** What the page's CAPTCHA gave, as the server wants to have it. */
export const security = (captcha_token: string | undefined): object =>
  captcha_token === undefined ? {} : { gotrue_meta_security: { captcha_token } }

/** Why a code that came back is worth nothing, in our words. That it is used up, or the server busy, the client says in its own. */
export const explained = (answer: Read | Unread): Read | Unread =>
  answer.kind !== 'refused' || isBusy(answer.status) || (isGone(answer) && !isTold(answer.error))
    ? answer
    : { ...answer, own: refusalOf(answer.error, answer.status) }

const refused = (status: number, error: string, retryAfter: number | null): Refused => ({
  kind: 'refused',
  status,
  error,
  retryAfter,
})

/** An answer that is not the server's, who has words for all that it refuses: where 404 is all, it is another one's. */
const unread = (status: number, retryAfter: number | null): Unread => ({
  kind: 'unreadable',
  status,
  retryAfter,
  ...(status === 404 ? { own: elsewhere() } : {}),
})

const elsewhere = (): AuthError =>
  new AuthRetryableFetchError(
    'malformed_response',
    'No GoTrue server answers at this address (404). Check `url`: that of Supabase ends with /auth/v1. The session is kept.',
    { status: 404 },
  )

/** Tokens out of an answer that was read; whatever is none is unreadable. */
export function toAnswer(answer: Read | Unread): Answer {
  if (answer.kind !== 'json') return answer
  const tokens = toTokens(answer.json)
  return tokens ? { kind: 'tokens', tokens } : { kind: 'unreadable', status: 200, retryAfter: null }
}

function toTokens(json: Record<string, unknown>): TokenSet | null {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn, user } = json
  if (!isSendable(accessToken)) return null
  return {
    accessToken,
    tokenType: 'bearer',
    // What is nonsensical beside a good token must not cost the rotated token it came with.
    expiresIn: typeof expiresIn === 'number' ? expiresIn : null,
    refreshToken: isSendable(refreshToken) ? refreshToken : null,
    refreshExpiresIn: null,
    scopes: null,
    user: toUser(user),
  }
}

/** Whom an answer about a user tells of. */
export function readUser(json: Record<string, unknown>): UserAnswer {
  const user = toUser(json.user ?? json)
  return user ? { kind: 'user', user } : { kind: 'unreadable', status: 200, retryAfter: null }
}

/** Whom a user object of the server tells of: all of it is in `claims`. Null where it names nobody. */
export function toUser(told: unknown): User | null {
  if (typeof told !== 'object' || told === null) return null
  const claims = told as Record<string, unknown>
  const { id, email, user_metadata: metadata } = claims
  if (typeof id !== 'string' || id === '') return null
  const { full_name: fullName, name } = (metadata ?? {}) as Record<string, unknown>
  const called = typeof fullName === 'string' ? fullName : name
  return {
    id,
    ...(typeof email === 'string' && email !== '' ? { email } : {}),
    ...(typeof called === 'string' ? { name: called } : {}),
    claims,
  }
}
