import { json } from '../answer.ts'
import { challengeOf } from '../secrets.ts'
import type { GoTrueContext, GoTrueExchange } from './context.ts'
import { textOf } from './context.ts'
import { type Failure, failure, writeFailure } from './failure.ts'
import { type GoTrueSession, openSession, userOf, writeSession } from './session.ts'

/** `/token`, the grant in the query and the rest in a body of JSON. */
export async function answerToken(context: GoTrueContext, exchange: GoTrueExchange): Promise<Response> {
  const grants = { password: signInWithPassword, refresh_token: refresh, pkce: redeem }
  const grant = exchange.url.searchParams.get('grant_type') ?? ''
  const given = Object.hasOwn(grants, grant)
    ? await grants[grant as keyof typeof grants](context, exchange)
    : failure(400, 'invalid_credentials', 'unsupported_grant_type')
  return 'access_token' in given ? json(given) : writeFailure(context, exchange, given)
}

type Given = GoTrueSession | Failure

async function signInWithPassword(context: GoTrueContext, exchange: GoTrueExchange): Promise<Given> {
  const { email, phone } = exchange.body
  if (!email === !phone) return failure(400, 'validation_failed', 'missing email or phone')
  const user = context.users.find(exchange.body)
  const isRight = user && user.password !== null && user.password === textOf(exchange, 'password')
  if (!isRight) return failure(400, 'invalid_credentials', 'Invalid login credentials')
  if (user.banned) return failure(400, 'user_banned', 'User is banned')
  if (!user.confirmed) {
    return failure(
      400,
      email ? 'email_not_confirmed' : 'phone_not_confirmed',
      `${email ? 'Email' : 'Phone'} not confirmed`,
    )
  }
  return openSession(context, user)
}

async function refresh(context: GoTrueContext, exchange: GoTrueExchange): Promise<Given> {
  const { model, settings } = context
  const token = model.refreshTokens.get(textOf(exchange, 'refresh_token'))
  if (!token) return unknownToken
  if (userOf(context, token.session).banned) return failure(400, 'user_banned', 'Invalid Refresh Token: User Banned')
  const { ended } = token.session
  exchange.entry.reused = token.rotated !== null
  // A session that ended is deleted with its tokens, but for the family that version 1 keeps and marks as revoked.
  if (ended) return ended.because === 'reuse' && settings.tokens === 'v1' ? usedToken : unknownToken
  if (model.isExpired(token)) return failure(400, 'session_expired', 'Invalid Refresh Token: Session Expired')
  const verdict = model.refresh({ token: token.value, clientId: token.session.clientId })
  return verdict.granted ? writeSession(context, verdict) : usedToken
}

const usedToken = failure(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used')
const unknownToken = failure(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found')

async function redeem(context: GoTrueContext, exchange: GoTrueExchange): Promise<Given> {
  const { model } = context
  const [value, verifier] = [textOf(exchange, 'auth_code'), textOf(exchange, 'code_verifier')]
  if (value === '' || verifier === '') {
    return failure(400, 'validation_failed', 'both auth code and code verifier should be non-empty')
  }
  const code = model.codes.get(value)
  // A used code is deleted: nobody sees that it came again.
  if (!code || code.used) return failure(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found')
  if (model.isExpired(code)) return failure(422, 'flow_state_expired', 'flow state has expired')
  const challenge = await challengeOf(verifier)
  if (code.challenge !== challenge) return failure(400, 'bad_code_verifier', 'code challenge does not match')
  const { clientId } = code.session
  const verdict = model.redeemCode({ code: value, clientId, redirectUri: code.redirectUri, challenge })
  return verdict.granted ? writeSession(context, verdict) : unknownToken
}
