/**
 * Random lower-case hex for display ids: unique, not secret. Never for a session id, a state or a verifier.
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

/** A span id needs to be unique, thousands of times a second: this realm's random beginning, and a count. */
const realm = randomHex(24)
let count = Math.floor(Math.random() * 0x1000_0000)

const next = (): string => (count = (count + 1) % 0x1_0000_0000).toString(16).padStart(8, '0')

/** 16 hex digits. */
export const newSpanId = (): string => realm.slice(0, 8) + next()

/** 32 hex digits. */
export const newTraceId = (): string => realm + next()
