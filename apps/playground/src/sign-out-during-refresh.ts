import { isAuthRefreshDiscardedError, recorderHook, type AuthClient } from '@authflight/client'
import { getState, setFault } from './control.ts'
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
    const request = nextTokenRequest()
    const refresh = auth.refreshSession()
    await Promise.race([request, refresh])
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

/** Settles when this page's next request for a token begins, as the recorder tells it. */
function nextTokenRequest(): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribes: (() => void)[] = []
    unsubscribes.push(
      recorderHook().subscribe((source) => {
        unsubscribes.push(
          source.subscribe((record) => {
            if (record.name !== 'authflight.token_request') return
            for (const unsubscribe of unsubscribes.splice(0)) unsubscribe()
            resolve()
          }),
        )
      }),
    )
  })
}
