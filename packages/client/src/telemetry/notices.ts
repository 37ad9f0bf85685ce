import type { Telemetry } from './operation.ts'
import type { RecordLink } from './record.ts'

/** What a message to another tab says of the flight that it comes from (W3C Trace Context, 3.2). */
export const toTraceparent = ({ traceId, id }: RecordLink): string => `00-${traceId}-${id}-01`

const traceparent = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/

/** What another tab says, true or forged: to be linked to, and never a parent. None where it is no traceparent of version 00. */
function readTraceparent(given: unknown): RecordLink[] {
  const [, traceId, id] = traceparent.exec(String(given)) ?? []
  return traceId && id ? [{ traceId, id }] : []
}

/** Notes that somebody says the store changed. An instant, as nobody waits for what follows: the look into the store that `begins`. */
export const recordNotice = (telemetry: Telemetry, given: unknown, begins: boolean): void =>
  telemetry
    .open('authflight.tab_message', {
      links: readTraceparent(given),
      attributes: { 'authflight.message.kind': 'changed', 'authflight.message.outcome': begins ? 'read' : 'queued' },
    })
    .end()
