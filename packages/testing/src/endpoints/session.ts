import { empty, html, json, oauthError, redirectTo } from '../answer.ts'
import type { Exchange, ServerContext } from './context.ts'

/** Revocation (RFC 7009): 200 also for a token nobody knows. */
export function answerRevocation(context: ServerContext, { form }: Exchange): Response {
  if (!context.clientIds.includes(form.get('client_id') ?? '')) return oauthError('invalid_client', 401)
  const token = form.get('token')
  if (!token) return oauthError('invalid_request', 400, 'Missing: token')
  context.model.revoke(token)
  return empty(200)
}

/** The claims of the user (OpenID Connect Core 1.0, section 5.3); 401 for a token that is not good. */
export function answerUserinfo({ model }: ServerContext, { bearer }: Exchange): Response {
  const access = model.checkAccess(bearer ?? '')
  if (!access) return json({ error: 'invalid_token' }, 401, { 'www-authenticate': 'Bearer error="invalid_token"' })
  const { sub, name, email } = access.session.user
  return json({ sub, name, email })
}

/** Logout started by the app (OpenID Connect RP-Initiated Logout 1.0): ends the session that the hint names. */
export function answerEndSession({ model, signer }: ServerContext, { form, entry }: Exchange): Response {
  const session = signer.idTokens.get(form.get('id_token_hint') ?? '')?.session
  if (session) {
    model.endSession(session, 'signed_out')
    entry.session = session.id
  }
  const target = form.get('post_logout_redirect_uri')
  if (!target || !URL.canParse(target)) return html('Signed out', 200)
  const callback = new URL(target)
  const state = form.get('state')
  if (state !== null) callback.searchParams.set('state', state)
  return redirectTo(callback.href)
}
