import type { Answer } from '@authflight/client'
import { judge, present, type Presented, type Verdict } from '@authflight/client/presentation'
import type { Operation } from '@authflight/client/telemetry'
import { answerOf, type Ask } from './answer.ts'
import type { Parts } from './parts.ts'

/** What came of it, and what may still come: null where the app's code has answered. */
export type PresentedOnce =
  | (Pick<Presented, 'attempts'> & {
      readonly kind: 'presented'
      readonly verdict: Verdict
      readonly late: Promise<Answer> | null
    })
  /** The right was gone, or nearly, before anything was sent. */
  | { readonly kind: 'superseded' }

/**
 * Lets the app's code present the token within the request limit, and only while that fits into the lease: else another holder could
 * present while this one still does. `until`: monotonic, when the lease ends.
 */
export async function presentOnce(
  { realm, telemetry, issuer, clientId, terminal, requestLimit, nesting }: Parts,
  { token, ask, until }: { readonly token: string; readonly ask: Ask; readonly until: number },
  parent: Operation,
): Promise<PresentedOnce> {
  const { clock } = realm
  const deadline = clock.monotonic() + requestLimit
  if (deadline > until) return { kind: 'superseded' }
  let answering: Promise<Answer> | null = null
  let isAnswered = false
  const answered = (): void => void (isAnswered = true)
  const presented = await present(
    {
      realm,
      telemetry,
      provider: { authority: issuer, clientId, audience: '', terminal },
      parent,
      limit: requestLimit,
      // By the clock, not by the timer: a process that stood still runs its code before the timers that are overdue.
      confirm: async () => clock.monotonic() < deadline,
    },
    (io) => {
      answering = nesting.run(token, () => answerOf(ask, io))
      answering.then(answered, answered)
      return answering
    },
  )
  if (presented.superseded && presented.attempts === 0) return { kind: 'superseded' }
  if (isAnswered) return { kind: 'presented', ...presented, late: null }
  // Whether code that does not send through `io.present` has sent the token cannot be seen: it counts as sent.
  return {
    kind: 'presented',
    ...presented,
    verdict: judge({ kind: 'silent', cause: 'timeout' }, { terminal }),
    late: answering,
  }
}
