import type { AccessToken, RefreshToken, Session } from '../model/session.ts'
import type { GoTrueContext, GoTrueExchange } from './context.ts'
import { type Failure, failure } from './failure.ts'
import { type UserRecord, writeUser } from './users.ts'

/** What the token endpoint answers. */
export interface GoTrueSession {
  readonly access_token: string
  readonly token_type: 'bearer'
  /** Seconds. */
  readonly expires_in: number
  /** Epoch seconds. */
  readonly expires_at: number
  readonly refresh_token: string
  readonly user: ReturnType<typeof writeUser>
}

/** The user of a session, as the server keeps it. */
export function userOf({ users }: GoTrueContext, session: Session): UserRecord {
  const user = users.all.find(({ sub }) => sub === session.user.sub)
  if (!user) throw new TypeError('A session is of somebody who has signed up.')
  return user
}

export async function writeSession(
  context: GoTrueContext,
  { accessToken, refreshToken }: { readonly accessToken: AccessToken; readonly refreshToken: RefreshToken | null },
): Promise<GoTrueSession> {
  const { signer, settings } = context
  const { value, issuedAt, expiresAt, session } = accessToken
  const isSigned = settings.accessTokenFormat === 'jwt'
  return {
    access_token: isSigned ? await signer.signAccessToken(accessToken, settings.issuer) : value,
    token_type: 'bearer',
    expires_in: Math.round((expiresAt - issuedAt) / 1000),
    expires_at: Math.floor(expiresAt / 1000),
    refresh_token: refreshToken?.value ?? '',
    user: writeUser(userOf(context, session)),
  }
}

/** A new session of that user. */
export function openSession(context: GoTrueContext, user: UserRecord): Promise<GoTrueSession> {
  const { model } = context
  const session = model.openSession({ user, clientId: 'gotrue', scope: '', resource: null, nonce: null })
  return writeSession(context, model.firstTokens(session))
}

/** Whose access token it is, or why it is not good. */
export function authenticate(
  context: GoTrueContext,
  { bearer }: GoTrueExchange,
): { readonly session: Session; readonly user: UserRecord } | Failure {
  const { model } = context
  if (bearer === null) return failure(401, 'no_authorization', 'This endpoint requires a valid Bearer token')
  const token = model.accessTokens.get(bearer)
  if (!token || model.isExpired(token))
    return failure(403, 'bad_jwt', 'invalid JWT: unable to parse or verify signature')
  const { session } = token
  if (session.ended && !session.ended.accessTokensLive) {
    return failure(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  }
  const user = userOf(context, session)
  return user.banned ? failure(403, 'user_banned', 'User is banned') : { session, user }
}
