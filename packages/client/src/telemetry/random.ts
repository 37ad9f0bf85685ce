/**
 * Random lower-case hex for display ids and span ids: unique, not secret. Never for a session id, a state or a verifier.
 */
export function randomHex(digits: number): string {
  let hex = ''
  while (hex.length < digits) {
    hex += Math.floor(Math.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  }
  return hex.slice(0, digits)
}
