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
    return JSON.parse(atob((text.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as Claims | null
  } catch {
    return null
  }
}
