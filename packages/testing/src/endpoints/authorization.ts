import { oauthError, redirectTo } from '../answer.ts'
import type { TestUser } from '../model/session.ts'
import type { Exchange, ServerContext } from './context.ts'

/** Who answers the authorization request, and how. */
export interface Consent {
  /** A user's login. Default: the request's `login_hint`, else the first user. */
  readonly user?: string
  /** The user says no: the callback carries this error, e.g. `access_denied`. */
  readonly deny?: string
}

/**
 * The authorization endpoint (RFC 6749, section 4.1.1). Nobody is asked anything: the answer leads back to the app, with
 * a code or an error, and with `iss` (RFC 9207). For an unknown client it leads nowhere.
 */
export function answerAuthorization(context: ServerContext, exchange: Exchange, consent: Consent = {}): Response {
  const { model, users, clientIds } = context
  const { form: request, issuer } = exchange
  const [clientId, redirectUri] = [request.get('client_id') ?? '', request.get('redirect_uri') ?? '']
  if (!clientIds.includes(clientId)) return oauthError('invalid_client')
  if (!URL.canParse(redirectUri)) return oauthError('invalid_request', 400, 'redirect_uri is not a URL')

  const answer = (parameters: Record<string, string>) => {
    const callback = new URL(redirectUri)
    const state = request.get('state')
    const all = { ...parameters, ...(state !== null && { state }), iss: issuer }
    for (const [name, value] of Object.entries(all)) callback.searchParams.set(name, value)
    return redirectTo(callback.href)
  }
  if (consent.deny) return answer({ error: consent.deny })
  if (request.get('response_type') !== 'code') return answer({ error: 'unsupported_response_type' })
  const challenge = request.get('code_challenge')
  if (!challenge || request.get('code_challenge_method') !== 'S256') return answer({ error: 'invalid_request' })

  const code = model.issueCode({
    user: findUser(users, consent.user, request.get('login_hint')),
    clientId,
    redirectUri,
    scope: request.get('scope') ?? '',
    resource: request.get('resource'),
    nonce: request.get('nonce'),
    challenge,
  })
  return answer({ code: code.value })
}

/** The user of that login, or the hinted one, or the first. Throws where the login is nobody's. */
export function findUser<U extends TestUser>(
  users: readonly U[],
  login: string | undefined,
  hint: string | null = null,
): U {
  const found =
    login === undefined
      ? (users.find((user) => user.login === hint || user.email === hint) ?? users[0])
      : users.find((user) => user.login === login)
  if (!found) throw new TypeError(`No such test user. There are: ${users.map((user) => user.login).join(', ')}.`)
  return found
}
