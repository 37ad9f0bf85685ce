import { json, oauthError } from '../answer.ts'
import type { Verdict } from '../model/authorization-server.ts'
import { challengeOf } from '../secrets.ts'
import type { Exchange, ServerContext } from './context.ts'

/** Authorization code and refresh token grants for public clients (RFC 6749, sections 4.1.3 and 6). */
export async function answerToken(context: ServerContext, exchange: Exchange): Promise<Response> {
  const { form, entry } = exchange
  if (!context.clientIds.includes(form.get('client_id') ?? '')) return oauthError('invalid_client', 401)
  const grant = form.get('grant_type')
  if (grant !== 'authorization_code' && grant !== 'refresh_token') return oauthError('unsupported_grant_type')

  const missing = required[grant].filter((name) => !form.get(name))
  if (missing.length > 0) return oauthError('invalid_request', 400, `Missing: ${missing.join(', ')}`)

  const isCode = grant === 'authorization_code'
  const verdict = isCode ? await redeemCode(context, form) : refresh(context, form)
  entry.reused = verdict.reused
  if (!verdict.granted) return oauthError(verdict.error)
  return json(await writeTokens(context, exchange.issuer, verdict, isCode ? verdict.accessToken.session.nonce : null))
}

const required = {
  authorization_code: ['code', 'code_verifier', 'redirect_uri'],
  refresh_token: ['refresh_token'],
}

async function redeemCode({ model }: ServerContext, form: URLSearchParams): Promise<Verdict> {
  const challenge = await challengeOf(read(form, 'code_verifier'))
  const redirectUri = read(form, 'redirect_uri')
  return model.redeemCode({ code: read(form, 'code'), clientId: read(form, 'client_id'), redirectUri, challenge })
}

function refresh({ model }: ServerContext, form: URLSearchParams): Verdict {
  const request = { token: read(form, 'refresh_token'), clientId: read(form, 'client_id') }
  const scope = form.get('scope')
  return model.refresh(scope === null ? request : { ...request, scope })
}

function read(form: URLSearchParams, name: string): string {
  return form.get(name) ?? ''
}

/** A successful answer of the token endpoint (RFC 6749, section 5.1). */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
  readonly scope: string
  readonly refresh_token?: string
  readonly id_token?: string
}

export async function writeTokens(
  { signer, accessTokenFormat }: ServerContext,
  issuer: string,
  { accessToken, refreshToken }: Pick<Extract<Verdict, { granted: true }>, 'accessToken' | 'refreshToken'>,
  nonce: string | null,
): Promise<TokenAnswer> {
  const { scope } = accessToken
  return {
    access_token: accessTokenFormat === 'jwt' ? await signer.signAccessToken(accessToken, issuer) : accessToken.value,
    token_type: 'Bearer',
    expires_in: Math.round((accessToken.expiresAt - accessToken.issuedAt) / 1000),
    scope,
    ...(refreshToken && { refresh_token: refreshToken.value }),
    ...(scope.split(' ').includes('openid') && { id_token: await signer.signIdToken(accessToken, issuer, nonce) }),
  }
}
