import { type Answer, type AuthServer, createAuthServer, delayAnswer, type TokenAnswer } from '@authflight/testing'

/** Milliseconds that every answer of the token endpoint takes. */
export const latency = 50

/** Seconds. Longer than the margin of every client, the widest of which is auth-js's 90 s. */
const accessTokenTtl = 300

/** Milliseconds after which every access token has run out. */
export const untilExpiry = accessTokenTtl * 2_000

/**
 * The strict server that all clients meet: a refresh token is good for one use, and one that comes again ends the session.
 * It speaks the three dialects of the clients over the same model.
 */
export function createStrictServer(now: () => number): AuthServer {
  const server = createAuthServer({ profile: 'strict', accessTokenTtl, now })
  server.faults.always(delayAnswer(latency))
  return server
}

/** What the server answers, in the dialect it is asked in. */
export async function answerIn(server: AuthServer, request: Request): Promise<Answer> {
  const url = new URL(request.url)
  if (url.pathname === '/oauth/token') return answerAuth0(server, request)
  if (url.pathname === '/token' && url.searchParams.has('grant_type')) return answerGoTrue(server, request)
  return server.handle(request)
}

/** Auth0's token endpoint has another path, its issuer ends with a slash, and it signs with RS256. */
async function answerAuth0(server: AuthServer, request: Request): Promise<Answer> {
  const answer = await server.handle(askTokenEndpoint(request.url, await request.text()))
  if (typeof answer === 'string' || !answer.ok) return answer
  const body = (await answer.json()) as TokenAnswer
  const [header, claims, signature] = body.id_token?.split('.') ?? []
  const { iss, ...others } = readPart(claims)
  // The signature fits no more. Nobody looks: the client has the token from the endpoint itself.
  const id_token = [writePart({ ...readPart(header), alg: 'RS256' }), writePart({ ...others, iss: `${String(iss)}/` })]
  return Response.json({ ...body, id_token: [...id_token, signature].join('.') })
}

const readPart = (part = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
const writePart = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** GoTrue's `/token`: JSON in and out, the grant in the query, a user beside the tokens. */
async function answerGoTrue(server: AuthServer, request: Request): Promise<Answer> {
  const body = (await request.json()) as { readonly refresh_token?: string; readonly email?: string }
  const [first] = server.users
  const user = server.users.find(({ email }) => email === body.email) ?? first
  if (new URL(request.url).searchParams.get('grant_type') === 'password') {
    return writeGoTrueSession(await server.signIn({ user: user?.login ?? '' }), user)
  }
  const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: body.refresh_token ?? '' }
  const answer = await server.handle(askTokenEndpoint(request.url, new URLSearchParams(form).toString()))
  if (typeof answer === 'string') return answer
  if (answer.ok) return writeGoTrueSession((await answer.json()) as TokenAnswer, user)
  const msg = 'Invalid Refresh Token: Already Used'
  return Response.json({ code: 400, error_code: 'refresh_token_already_used', msg }, { status: 400 })
}

function writeGoTrueSession(tokens: TokenAnswer, user: AuthServer['users'][number] | undefined): Response {
  const { access_token, refresh_token, expires_in } = tokens
  return Response.json({
    access_token,
    refresh_token,
    expires_in,
    token_type: 'bearer',
    user: { id: user?.sub, aud: 'authenticated', email: user?.email, app_metadata: {}, user_metadata: {} },
  })
}

const askTokenEndpoint = (url: string, body: string): Request =>
  new Request(new URL('/token', url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
