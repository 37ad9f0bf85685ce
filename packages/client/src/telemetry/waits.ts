import type { Context } from '@opentelemetry/api'
import { type Attributes, type ErrorType, seconds, type WaitOutcome } from './attributes.ts'
import { maxLinks, type Operation, type Telemetry } from './operation.ts'

/** Of one flight so many waits are records of their own; the rest are one aggregate, so that a storm cannot empty the ring. */
const recordedWaits = 32

/** One caller's wait. Null where nobody reads it: no SDK is registered and the recorder is off. */
export type Wait = {
  readonly operation: Operation | null
  readonly startedAt: number
  /** When the others began that share this wait's promise: they have no span and no record of their own. */
  readonly others: number[]
} | null

/** The waits of one flight: a span for each, records for the first 32, one aggregate record for the rest. */
export interface Waits {
  /** All callers that joined, also those that have left. */
  count(): number
  open(caller: Context): Wait
  /** Counts one more that shares this wait; false where it needs a span or a record of its own. */
  share(wait: Wait): boolean
  close(wait: Wait, outcome: WaitOutcome, errorType?: ErrorType): void
}

export function trackWaits(telemetry: Telemetry, flightId: string, flight: Operation): Waits {
  const meters = telemetry.meters()
  let count = 0
  let openBeyond = 0
  const beyond: number[] = []
  const outcomes = new Map<WaitOutcome, number>()

  function aggregate(): void {
    const sorted = beyond.toSorted((a, b) => a - b)
    const attributes: Attributes = {
      'authflight.flight.id': flightId,
      'authflight.wait.count': sorted.length,
      'authflight.wait.p50': seconds(sorted[Math.floor(sorted.length / 2)] ?? 0),
      'authflight.wait.max': seconds(sorted.at(-1) ?? 0),
    }
    for (const [outcome, times] of outcomes) attributes[`authflight.wait.outcomes.${outcome}`] = times
    telemetry.point('authflight.record.waits', attributes)
    beyond.length = 0
    outcomes.clear()
  }

  function openOperation(caller: Context, record: boolean): Operation {
    const operation = telemetry.open('authflight.wait', {
      parent: caller,
      links: [flight.link],
      attributes: { 'authflight.flight.id': flightId },
      record,
    })
    if (count <= maxLinks) flight.addLink(operation.link)
    return operation
  }

  return {
    count: () => count,
    open(caller) {
      count += 1
      if (!flight.isTraced && !telemetry.isRecording && !meters) return null
      const recorded = count <= recordedWaits
      if (!recorded) openBeyond += 1
      const operation = recorded || flight.isTraced ? openOperation(caller, recorded) : null
      if (!operation) meters?.opened('authflight.wait')
      return { operation, startedAt: recorded ? 0 : telemetry.now(), others: [] }
    },
    share(wait) {
      if (flight.isTraced || (wait && count < recordedWaits)) return false
      count += 1
      if (!wait) return true
      openBeyond += 1
      meters?.opened('authflight.wait')
      wait.others.push(telemetry.now())
      return true
    },
    close(wait, outcome, errorType) {
      if (!wait) return
      const failed = outcome === 'rejected' || outcome === 'failed' ? 'failed' : undefined
      const attributes: Attributes = {
        'authflight.wait.outcome': outcome,
        ...(errorType ? { 'error.type': errorType } : {}),
      }
      wait.operation?.end(attributes, failed)
      const begun = wait.startedAt === 0 ? wait.others : [wait.startedAt, ...wait.others]
      if (begun.length === 0) return
      const now = telemetry.now()
      for (const at of begun) beyond.push(now - at)
      for (const at of wait.operation ? wait.others : begun) meters?.ended('authflight.wait', attributes, now - at)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + begun.length)
      openBeyond -= begun.length
      if (openBeyond === 0) aggregate()
    },
  }
}
