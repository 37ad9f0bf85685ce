import type { ReactElement } from 'react'
import { describeError } from './outcome.ts'
import { countdown } from './time-words.ts'
import { useNow } from './use-now.ts'

/** The user is signed in; only the token is out of date. */
export function StaleNotice({ error, retryAt }: { error: Error; retryAt: number | null }): ReactElement {
  const left = (retryAt ?? 0) - useNow()
  return (
    <div className="stale">
      <p>
        <strong>Still signed in.</strong> The access token is dead and the last refresh failed.{' '}
        {left > 0 ? `Next try in ${countdown(left)}.` : 'The next call tries again.'}
      </p>
      <p className="small">{describeError(error).message}</p>
    </div>
  )
}
