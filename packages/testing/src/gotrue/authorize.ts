import { redirectTo } from '../answer.ts'
import type { Consent } from '../endpoints/authorization.ts'
import { findUser } from '../endpoints/authorization.ts'
import type { GoTrueContext, GoTrueExchange } from './context.ts'
import { failure, writeFailure } from './failure.ts'
import { wayBack } from './way-back.ts'

/** `/authorize`: off to another provider, and back with what came of it. Nobody is asked anything. */
export function answerAuthorize(context: GoTrueContext, exchange: GoTrueExchange, consent: Consent = {}): Response {
  const { model, users } = context
  const query = exchange.url.searchParams
  const challenge = query.get('code_challenge')
  if (!query.get('provider'))
    return writeFailure(context, exchange, failure(400, 'validation_failed', 'Unsupported provider'))
  if (!challenge) {
    return writeFailure(context, exchange, failure(400, 'validation_failed', 'This model answers with PKCE only'))
  }
  const back = wayBack(context.settings, query.get('redirect_to'))
  if (consent.deny) {
    const told = { error: consent.deny, error_description: 'The user said no' }
    for (const [name, value] of Object.entries(told)) back.searchParams.set(name, value)
    back.hash = new URLSearchParams({ ...told, sb: '' }).toString()
    return redirectTo(back.href)
  }
  const code = model.issueCode({
    user: findUser(users.all, consent.user),
    clientId: 'gotrue',
    redirectUri: '',
    scope: '',
    resource: null,
    nonce: null,
    challenge,
  })
  back.searchParams.set('code', code.value)
  return redirectTo(back.href)
}
