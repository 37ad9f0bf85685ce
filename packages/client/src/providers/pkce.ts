import { AuthError } from '../base/errors.ts'

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
  const verifier = randomText()
  return { verifier, challenge: await challengeOf(verifier) }
}

/** What nobody can guess: 256 bits in 43 characters that may stand in an address (RFC 7636 4.1). */
export const randomText = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(32)))

/** Method S256 (RFC 7636 4.2). */
export const challengeOf = async (verifier: string): Promise<string> =>
  toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
