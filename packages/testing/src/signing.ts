import { calculateJwkThumbprint, exportJWK, generateKeyPair, jwtVerify, SignJWT, type JSONWebKeySet } from 'jose'
import type { AccessToken } from './model/grant.ts'

/** Signs what the server issues, with one ES256 key made at first use. */
export interface Signer {
  readonly jwks: () => Promise<JSONWebKeySet>
  /** OpenID Connect Core 1.0, section 2. The nonce only where the token comes from a code. */
  readonly idToken: (token: AccessToken, issuer: string, nonce: string | null) => Promise<string>
  /** RFC 9068. Carries the access token's value as its `jti`. */
  readonly accessToken: (token: AccessToken, issuer: string) => Promise<string>
  /** The payload of a token that this signer signed, expired or not; `null` for any other string. */
  readonly read: (jwt: string) => Promise<{ readonly jti?: string; readonly sid?: unknown } | null>
}

export function createSigner(): Signer {
  let made: ReturnType<typeof makeKey> | undefined
  const key = () => (made ??= makeKey())

  async function sign(typ: string, claims: Record<string, unknown>): Promise<string> {
    const { privateKey, jwk } = await key()
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: jwk.kid, typ }).sign(privateKey)
  }

  return {
    jwks: async () => ({ keys: [(await key()).jwk] }),
    idToken({ grant, ...token }, iss, nonce) {
      const { sub, name, email } = grant.user
      const claims = { iss, sub, aud: grant.clientId, ...lifetime(token), sid: grant.id, name, email }
      return sign('JWT', nonce === null ? claims : { ...claims, nonce })
    },
    accessToken({ grant, ...token }, iss) {
      const aud = grant.resource ?? iss
      const claims = { iss, sub: grant.user.sub, aud, client_id: grant.clientId, scope: token.scope, jti: token.value }
      return sign('at+jwt', { ...claims, ...lifetime(token) })
    },
    async read(jwt) {
      if (jwt.split('.').length !== 3) return null
      const { publicKey } = await key()
      // Whether it is still good is the model's to say: the epoch makes every expiry lie ahead.
      return jwtVerify(jwt, publicKey, { currentDate: new Date(0) }).then(({ payload }) => payload, () => null)
    },
  }
}

async function makeKey() {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return { privateKey, publicKey, jwk: { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) } }
}

function lifetime({ issuedAt, expiresAt }: { issuedAt: number; expiresAt: number }) {
  return { iat: Math.floor(issuedAt / 1000), exp: Math.floor(expiresAt / 1000) }
}
