import { oauthError, redirectTo } from '../answer.ts'
import type { TestUser } from '../model/grant.ts'
import type { Exchange, ServerContext } from './context.ts'

/** Who answers the authorization request, and how. */
export interface Consent {
  /** A user's login. Default: the request's `login_hint`, else the first user. */
  readonly user?: string
  /** The user says no: the callback carries this error, e.g. `access_denied`. */
  readonly deny?: string
}

/** The authorization endpoint as a browser meets it: nobody is asked, the answer is the way back to the app. */
export function answerAuthorization(context: ServerContext, exchange: Exchange): Response {
  const request = exchange.form
  if (!context.clientIds.includes(request.get('client_id') ?? '')) return oauthError('invalid_client')
  if (!URL.canParse(request.get('redirect_uri') ?? '')) return oauthError('invalid_request', 400, 'No redirect_uri')
  return redirectTo(decideAuthorization(context, exchange.issuer, request, {}))
}

/** The URL that brings the answer to the app: a code, or an error (RFC 6749, section 4.1.2; `iss` by RFC 9207). */
export function decideAuthorization(
  { model, users }: ServerContext,
  issuer: string,
  request: URLSearchParams,
  consent: Consent,
): string {
  const callback = new URL(request.get('redirect_uri') ?? '')
  const answer = (parameters: Record<string, string>) => {
    const state = request.get('state')
    const all = { ...parameters, ...(state !== null && { state }), iss: issuer }
    for (const [name, value] of Object.entries(all)) callback.searchParams.set(name, value)
    return callback.href
  }
  if (consent.deny) return answer({ error: consent.deny })
  if (request.get('response_type') !== 'code') return answer({ error: 'unsupported_response_type' })
  const challenge = request.get('code_challenge')
  if (!challenge || request.get('code_challenge_method') !== 'S256') return answer({ error: 'invalid_request' })

  const code = model.issueCode({
    user: findUser(users, consent.user, request.get('login_hint')),
    clientId: request.get('client_id') ?? '',
    redirectUri: request.get('redirect_uri') ?? '',
    scope: request.get('scope') ?? '',
    resource: request.get('resource'),
    nonce: request.get('nonce'),
    challenge,
  })
  return answer({ code: code.value })
}

/** The user of that login, or the hinted one, or the first. Throws where the login is nobody's. */
export function findUser(users: readonly TestUser[], login: string | undefined, hint: string | null = null): TestUser {
  const found =
    login === undefined
      ? (users.find((user) => user.login === hint || user.email === hint) ?? users[0])
      : users.find((user) => user.login === login)
  if (!found) throw new TypeError(`No such test user. There are: ${users.map((user) => user.login).join(', ')}.`)
  return found
}
