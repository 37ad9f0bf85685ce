/** What is read of a JWT, unverified. */
interface Claims {
  readonly exp?: unknown
  readonly iat?: unknown
  readonly role?: unknown
  readonly sub?: unknown
}

/** The claims of a JWT; null where the text is none. */
export function claimsOf(text: string): Claims | null {
  try {
    const bytes = atob((text.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))) as Claims | null
  } catch {
    return null
  }
}
