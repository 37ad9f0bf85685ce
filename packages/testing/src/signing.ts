import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet } from 'jose'
import type { AccessToken } from './model/session.ts'

/** Signs what the server issues, with one ES256 key made at first use, and remembers it. */
export interface Signer {
  readonly jwks: () => Promise<JSONWebKeySet>
  /** OpenID Connect Core 1.0, section 2. The nonce only where the token comes from a code. */
  readonly signIdToken: (token: AccessToken, issuer: string, nonce: string | null) => Promise<string>
  /** RFC 9068. Carries the access token's value as its `jti`. */
  readonly signAccessToken: (token: AccessToken, issuer: string) => Promise<string>
  /** What was signed, by the signed string. An ID token is listed with the access token it came with. */
  readonly idTokens: ReadonlyMap<string, AccessToken>
  readonly accessTokens: ReadonlyMap<string, AccessToken>
}

export function createSigner(): Signer {
  const idTokens = new Map<string, AccessToken>()
  const accessTokens = new Map<string, AccessToken>()
  let made: ReturnType<typeof makeKey> | undefined
  const key = () => (made ??= makeKey())

  async function sign(typ: string, claims: Record<string, unknown>): Promise<string> {
    const { privateKey, jwk } = await key()
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: jwk.kid, typ }).sign(privateKey)
  }

  return {
    jwks: async () => ({ keys: [(await key()).jwk] }),
    async signIdToken(token, iss, nonce) {
      const { id: sid, clientId: aud, user } = token.session
      const { sub, name, email } = user
      const jwt = await sign('JWT', {
        iss,
        sub,
        aud,
        sid,
        name,
        email,
        ...lifetime(token),
        ...(nonce !== null && { nonce }),
      })
      idTokens.set(jwt, token)
      return jwt
    },
    async signAccessToken(token, iss) {
      const { clientId: client_id, resource, user } = token.session
      const { scope, value: jti } = token
      const claims = { iss, sub: user.sub, aud: resource ?? iss, client_id, scope, jti, ...lifetime(token) }
      const jwt = await sign('at+jwt', claims)
      accessTokens.set(jwt, token)
      return jwt
    },
    idTokens,
    accessTokens,
  }
}

async function makeKey() {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return { privateKey, jwk: { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) } }
}

function lifetime({ issuedAt, expiresAt }: AccessToken) {
  return { iat: Math.floor(issuedAt / 1000), exp: Math.floor(expiresAt / 1000) }
}
