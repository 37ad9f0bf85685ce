import { isAuthRefreshDiscardedError, type AuthClient } from '@authflight/client'
import { getLog, getState, setFault } from './control.ts'
import { errorOutcome, type Outcome } from './outcome.ts'
import { duration } from './time-words.ts'

const answerDelay = 3_000

/**
 * Signs out between a refresh's request and its answer:
 *
 *     refreshSession()  ──► request ······ rotated ········ answer ──► discarded: signed_out
 *     signOut()                 └─► done at once
 */
export async function signOutDuringRefresh(auth: AuthClient): Promise<Outcome> {
  const { fault } = await getState()
  await setFault({ kind: 'delay_answer', ms: answerDelay })
  try {
    const seen = await countRefreshes()
    const refresh = auth.refreshSession()
    await untilRotated(seen, refresh)
    const begun = performance.now()
    const { error: signOutError } = await auth.signOut()
    const took = duration(performance.now() - begun)
    if (signOutError) return errorOutcome(signOutError, 'The sign-out failed.')
    const { error } = await refresh
    const signedOut = `Sign-out took ${took} and did not wait for the answer, due in ${duration(answerDelay)}.`
    if (isAuthRefreshDiscardedError(error)) {
      return errorOutcome(error, `${signedOut} The refresh was told so, and its new token was thrown away.`)
    }
    return error
      ? errorOutcome(error, signedOut)
      : { tone: 'bad', text: `${signedOut} But the refresh was not discarded.` }
  } finally {
    await setFault(fault)
  }
}

const countRefreshes = async (): Promise<number> =>
  (await getLog()).filter((entry) => entry.grant === 'refresh_token').length

/**
 * Waits until the server has rotated, which its log tells while the answer is held back, or until the refresh is over. A
 * sign-out before that would revoke the old token first, and there would be no new one to throw away.
 */
async function untilRotated(seen: number, refresh: Promise<unknown>): Promise<void> {
  let isOver = false
  void refresh.then(() => (isOver = true))
  while (!isOver && (await countRefreshes()) === seen) await new Promise((resolve) => setTimeout(resolve, 50))
}
