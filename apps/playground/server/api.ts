import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose'
import type { AccessTokens } from './access-tokens.ts'
import { findBySubject } from './accounts.ts'
import { type Handler, sendJson } from './http.ts'

export interface ApiSetup {
  readonly issuer: string
  /** The audience that tokens for this API carry. */
  readonly resource: string
  readonly keys: JWTVerifyGetKey
  readonly accessTokens: AccessTokens
}

/** A small API that looks at access tokens as an API should: signature, type, issuer, audience and expiry. */
export function createApi({ issuer, resource, keys, accessTokens }: ApiSetup): Handler {
  const verify = async (token: string): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: resource,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['sub', 'exp', 'client_id'],
    })
    if (payload['generation'] !== accessTokens.generation) throw new errors.JWTExpired('withdrawn', payload)
    return payload
  }

  return async (request, response, url) => {
    const token = readBearer(request)
    if (token === undefined) return refuse(response, undefined, 'Send an access token as Authorization: Bearer.')
    let payload: JWTPayload
    try {
      payload = await verify(token)
    } catch (error) {
      return refuse(response, 'invalid_token', explain(error))
    }
    const item = /^\/api\/items\/(\d{1,9})$/.exec(url.pathname)?.[1]
    if (item !== undefined) return sendJson(response, 200, { item: Number(item) })
    if (url.pathname === '/api/me') return sendJson(response, 200, describe(payload))
    sendJson(response, 404, { error: 'not_found', error_description: 'There is /api/me and /api/items/:n.' })
  }
}

function describe({ sub = '', exp = 0, client_id }: JWTPayload) {
  return { name: findBySubject(sub)?.name, client: client_id, expiresIn: exp - Math.floor(Date.now() / 1000) }
}

function readBearer({ headers }: IncomingMessage): string | undefined {
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '')?.[1]
}

/** RFC 6750, section 3: without a token no error code. */
function refuse(response: ServerResponse, error: 'invalid_token' | undefined, description: string) {
  const challenge = error ? `Bearer error="${error}", error_description="${description}"` : 'Bearer realm="playground"'
  sendJson(response, 401, { error, error_description: description }, { 'www-authenticate': challenge })
}

/** Our own words: what jose says may quote the token. */
function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token is expired.'
  if (error instanceof errors.JWTClaimValidationFailed) return `The token has the wrong ${error.claim}.`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature does not fit.'
  return 'The token cannot be read.'
}
