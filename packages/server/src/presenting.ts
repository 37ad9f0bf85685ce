import type { Answer } from '@authflight/client'
import { judge, present, type Presented } from '@authflight/client/presentation'
import type { Operation } from '@authflight/client/telemetry'
import { answerOf, type Ask } from './answer.ts'
import type { Parts } from './parts.ts'

/** What came of it, and what may still come: null where the app's code has answered. */
export type PresentedOnce = Presented & { readonly late: Promise<Answer> | null }

/**
 * Lets the app's code present the token within the request limit, and only while that fits into the lease: else another holder could
 * present while this one still does. `until`: monotonic, when the lease ends.
 */
export async function presentOnce(
  { realm, telemetry, terminal, requestLimit, nesting }: Parts,
  { token, ask, until }: { readonly token: string; readonly ask: Ask; readonly until: number },
  parent: Operation,
): Promise<PresentedOnce> {
  const { clock } = realm
  const deadline = clock.monotonic() + requestLimit
  let answering: Promise<Answer> | null = null
  let isAnswered = false
  const answered = (): void => void (isAnswered = true)
  const presented = await present(
    {
      realm,
      telemetry,
      provider: { terminal },
      parent,
      limit: requestLimit,
      // By the clock, not by the timer: a process that stood still runs its code before the timers that are overdue.
      confirm: async () => deadline <= until && clock.monotonic() < deadline,
    },
    (io) => {
      answering = nesting.run(token, () => answerOf(ask, io))
      answering.then(answered, answered)
      return answering
    },
  )
  if (isAnswered) return { ...presented, late: null }
  // Whether code that does not send through `io.present` has sent the token cannot be seen: it counts as sent.
  const verdict = judge({ kind: 'silent', cause: 'timeout' }, { terminal })
  return { ...presented, verdict, late: answering }
}
