import type { Operation, WaitOutcome } from '@authflight/client/telemetry'
import type { Flown } from './flight.ts'
import { errorTypeOf } from './outcome.ts'

/** What spans say of an outcome: whoever did not present it has adopted it. */
export const spanOutcome = ({ outcome, via }: Flown): Exclude<WaitOutcome, 'left' | 'timeout'> =>
  'tokens' in outcome && via !== 'presented' ? 'adopted' : outcome.kind

/** Ends a refresh when everybody can go. */
export function closeRefresh(operation: Operation, flown: Flown, waiters: number): void {
  const { outcome, attempts } = flown
  const errorType = errorTypeOf(outcome)
  const lifetimes = 'tokens' in outcome ? outcome.tokens : { expiresIn: null, refreshExpiresIn: null }
  operation.end(
    {
      'authflight.refresh.outcome': spanOutcome(flown),
      'authflight.refresh.attempt_count': attempts,
      'authflight.refresh.waiter_count': waiters,
      ...(lifetimes.expiresIn === null ? {} : { 'authflight.token.expires_in': lifetimes.expiresIn }),
      ...(lifetimes.refreshExpiresIn === null
        ? {}
        : { 'authflight.token.refresh_expires_in': lifetimes.refreshExpiresIn }),
      ...(errorType ? { 'error.type': errorType } : {}),
    },
    errorType ? 'failed' : undefined,
  )
}
