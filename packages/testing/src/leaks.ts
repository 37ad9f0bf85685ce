/** A secret under a name that may be printed. */
export interface Secret {
  readonly id: string
  readonly value: string
}

/**
 * Which secrets stand in a text, and in what disguise: `refresh-1`, `refresh-1 (base64)`, `ada.email (sha-256)`. Searched
 * for raw, percent-encoded, in hex, in base64 and base64url at any offset, and as a SHA-256 in hex, base64 and base64url.
 */
export async function findLeaks(text: string, secrets: Iterable<Secret>): Promise<string[]> {
  const lowerCase = text.toLowerCase()
  const urlSafe = toUrlSafe(text)
  const leaks: string[] = []
  for (const { id, value } of secrets) {
    const bytes = new TextEncoder().encode(value)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    if (text.includes(value)) leaks.push(id)
    else if (text.includes(encodeURIComponent(value))) leaks.push(`${id} (percent-encoded)`)
    if (lowerCase.includes(toHex(bytes))) leaks.push(`${id} (hex)`)
    if (base64Cores(bytes).some((core) => urlSafe.includes(core))) leaks.push(`${id} (base64)`)
    if (lowerCase.includes(toHex(digest)) || urlSafe.includes(toBase64(digest))) leaks.push(`${id} (sha-256)`)
  }
  return leaks
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Without padding, as a text around it may have cut or kept it. */
function toBase64(bytes: Uint8Array): string {
  return toUrlSafe(btoa(String.fromCharCode(...bytes))).replaceAll('=', '')
}

function toUrlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

/**
 * The characters that stand in the base64 of any longer text with these bytes in it. Base64 writes 3 bytes as 4
 * characters, so there are three ways they can lie, and at both ends characters are shared with the neighbours.
 */
function base64Cores(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((offset) => {
    const whole = toBase64(new Uint8Array([...new Uint8Array(offset), ...bytes]))
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    return whole.slice(Math.ceil((offset * 8) / 6), end)
  })
}
