import type { Context } from '@opentelemetry/api'
import type { Clock } from '../realm/clock.ts'
import { errorTypeOf } from './failures.ts'
import type { Outcome } from '../slot/parts.ts'
import type { SlotRecord } from '../slot/slot.ts'
import { lifetimes, type RefreshTrigger, seconds } from '../telemetry/attributes.ts'
import type { Operation, Telemetry } from '../telemetry/operation.ts'

/** Opens what is told of a flight, from the decision to refresh on. */
export function openRefresh(
  telemetry: Telemetry,
  clock: Clock,
  flight: string,
  { display, revision, tokens: { expiresAt } }: SlotRecord,
  { caller, trigger }: { readonly caller: Context; readonly trigger: RefreshTrigger },
): Operation {
  return telemetry.open('authflight.refresh', {
    caller,
    attributes: {
      'authflight.flight.id': flight,
      'authflight.refresh.trigger': trigger,
      'authflight.session.id': display.session,
      'authflight.session.revision': revision,
      ...(expiresAt === null ? {} : { 'authflight.token.expires_in': seconds(expiresAt - clock.now()) }),
    },
  })
}

/** Ends it when everybody can go. */
export function closeRefresh(
  operation: Operation,
  clock: Clock,
  outcome: Outcome,
  attempts: number,
  waiters: number,
): void {
  const tokens = 'slot' in outcome ? outcome.slot.tokens : null
  const errorType = errorTypeOf(outcome)
  operation.end(
    {
      'authflight.refresh.outcome': outcome.kind,
      'authflight.refresh.attempt_count': attempts,
      'authflight.refresh.waiter_count': waiters,
      ...(tokens && lifetimes(tokens, clock.now())),
      ...(errorType ? { 'error.type': errorType } : {}),
    },
    errorType ? 'failed' : undefined,
  )
}
