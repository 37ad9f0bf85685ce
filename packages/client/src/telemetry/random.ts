import { onePer } from '../one-per.ts'
import type { Realm } from '../realm.ts'

/** Random lower-case hex for display ids: unique, not secret. Never for a session id, a state or a verifier. */
export function randomHex(random: () => number, digits: number): string {
  let hex = ''
  while (hex.length < digits) {
    hex += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  }
  return hex.slice(0, digits)
}

export interface SpanIds {
  /** 16 hex digits. */
  span(): string
  /** 32 hex digits. */
  trace(): string
}

/** A span id needs to be unique, thousands of times a second: a random beginning for the realm, and a count. */
export const spanIds: (realm: Realm) => SpanIds = onePer(({ random }) => {
  const beginning = randomHex(random, 24)
  let count = Math.floor(random() * 0x1000_0000)
  const next = (): string => (count = (count + 1) % 0x1_0000_0000).toString(16).padStart(8, '0')
  return { span: () => beginning.slice(0, 8) + next(), trace: () => beginning + next() }
})
