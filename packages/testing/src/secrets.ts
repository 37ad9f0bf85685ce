import { base64url } from 'jose'
import type { SecretKind } from './model/authorization-server.ts'

/**
 * A secret of 256 random bits that begins with `canary_`, so that one search over logs, records and storage finds every
 * token that leaked.
 */
export function newCanary(kind: SecretKind | 'subject' | 'link'): string {
  return `canary_${kind}_${base64url.encode(crypto.getRandomValues(new Uint8Array(32)))}`
}

/** What a PKCE verifier hashes to with method S256 (RFC 7636, section 4.2). */
export async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return base64url.encode(new Uint8Array(digest))
}
