import { onePer } from '../base/one-per.ts'
import type { Realm } from '../realm/realm.ts'
import type { RecordLink } from './record.ts'

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

/** A record's ids: 32 and 16 hex digits, both new, or in the trace that is given. */
export type NewLink = (traceId?: string) => RecordLink

/** Ids of spans need to be unique, thousands of times a second: a random beginning for the realm, and a count. */
export const spanIds: (realm: Realm) => NewLink = onePer(({ random }) => {
  const ofTrace = randomHex(random, 24)
  const ofSpan = ofTrace.slice(0, 8)
  let count = Math.floor(random() * 0x1000_0000)
  return (traceId) => {
    const digits = (count = (count + 1) % 0x1_0000_0000).toString(16).padStart(8, '0')
    return { traceId: traceId ?? ofTrace + digits, id: ofSpan + digits }
  }
})
