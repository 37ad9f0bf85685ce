import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi'
import { AuthError } from '../errors.ts'

export interface Pkce {
  readonly verifier: string
  /** Of method S256. */
  readonly challenge: string
}

/**
 * A secret of this client, and what may be shown of it (RFC 7636).
 * @throws {AuthError} `unsupported` where the page is not secure.
 */
export async function createPkce(): Promise<Pkce> {
  if (!globalThis.crypto?.subtle) {
    throw new AuthError(
      'unsupported',
      'Signing in needs cryptography, which browsers give to secure pages only. Serve this page over https, or from localhost.',
    )
  }
  const verifier = generateRandomCodeVerifier()
  return { verifier, challenge: await calculatePKCECodeChallenge(verifier) }
}
