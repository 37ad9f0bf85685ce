import type { AuthClient } from '@authflight/client'
import type { OAuthSignIn } from '@authflight/client/oauth'
import { expireStoredSession } from '@authflight/testing/browser'
import { CopyPlus, Hourglass, LogOut, RefreshCw, Unlink, UserRoundPlus, type LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { callMany, callOnce } from './api-calls.ts'
import { act } from './control.ts'
import { errorOutcome, refreshOutcome, type Outcome } from './outcome.ts'
import { signOutDuringRefresh } from './sign-out-during-refresh.ts'
import { tracedFetch } from './traced-fetch.ts'
import type { Run } from './use-happenings.ts'
import './acts.css'

interface ActsProps {
  auth: AuthClient
  run: Run
  inert: boolean
  isAutoRefreshOn: boolean
}

/** What an app does with a session, and what to look for when it does. */
export function Acts({ auth, run, inert, isAutoRefreshOn }: ActsProps): ReactElement {
  return (
    <section className="card" aria-labelledby="act" inert={inert}>
      <h2 id="act">Act</h2>
      <div className="act-calls">
        <div className="button-row">
          <button
            type="button"
            className="button primary"
            onClick={() => run('Call once', () => callOnce(tracedFetch(auth.fetch)))}
          >
            Call once
          </button>
          {[10, 1_000].map((n) => {
            const title = `Call ×${n.toLocaleString('en')}`
            return (
              <button
                key={n}
                type="button"
                className="button primary"
                onClick={() => run(title, () => callMany(tracedFetch(auth.fetch), n))}
              >
                {title}
              </button>
            )
          })}
        </div>
        <p>
          All at once. On a dead token look for 1 token request and every answer 200: one flight on the timeline,
          everybody else waits for it.
        </p>
      </div>
      <ul className="act-list">
        <Act name="Expire now" icon={Hourglass} onClick={() => run('Expire now', expireAccessToken)}>
          The API refuses the access token and this browser knows it. Auto refresh renews it, else the next call does.
        </Act>
        <Act name="Refresh now" icon={RefreshCw} onClick={() => run('Refresh now', () => refreshNow(auth))}>
          Generation + 1, the ring fills. Press twice quickly: one flight, one waiter.
        </Act>
        <Act
          name="Sign out during a refresh"
          icon={LogOut}
          onClick={() => run('Sign out during a refresh', () => signOutDuringRefresh(auth))}
        >
          The answer is held back for 3 s; sign-out does not wait. Look for a struck-out flight.
        </Act>
        <li>
          <a className="button" href={isAutoRefreshOn ? '/' : '/?autoRefresh=off'} target="_blank" rel="noreferrer">
            <CopyPlus aria-hidden />
            Open a second tab
          </a>
          <p>Same session. Expire, call in both: 1 token request in all. Sign out there: this tab follows.</p>
        </li>
        <li>
          <a className="button" href="/?autoRefresh=off&coordination=off" target="_blank" rel="noreferrer">
            <Unlink aria-hidden />
            Open a tab on its own
          </a>
          <p>
            A copy of the session, and no coordination. Refresh here, then there: the server sees one token twice. Look
            for the old colour under the new one.
          </p>
        </li>
        <Act
          name="Replace the user"
          icon={UserRoundPlus}
          onClick={() => run('Replace the user', () => signInAgain(auth))}
        >
          Takes this session’s place. In a second tab, during a refresh here: look for its result, discarded.
        </Act>
      </ul>
    </section>
  )
}

interface ActProps {
  name: string
  icon: LucideIcon
  onClick: () => void
  children: ReactNode
}

function Act({ name, icon: Icon, onClick, children }: ActProps): ReactElement {
  return (
    <li>
      <button type="button" className="button" onClick={onClick}>
        <Icon aria-hidden />
        {name}
      </button>
      <p>{children}</p>
    </li>
  )
}

/** Dead on both sides: the API takes no token issued until now, and the stored session says its time is over. */
async function expireAccessToken(): Promise<Outcome> {
  await act('expire_access_tokens')
  const expired = await expireStoredSession()
  return expired > 0
    ? { tone: 'neutral', text: 'The access token is dead at the API and in this browser.' }
    : { tone: 'bad', text: 'The API refuses the access token, but this browser holds no stored session.' }
}

async function refreshNow(auth: AuthClient): Promise<Outcome> {
  const snapshot = auth.getSnapshot()
  const begun = performance.now()
  const { data, error } = await auth.refreshSession()
  const before = 'session' in snapshot ? snapshot.session : null
  return refreshOutcome({ before, after: data.session, error, ms: performance.now() - begun })
}

/** Leaves the page. The provider asks again who it is, though it knows. */
async function signInAgain(auth: AuthClient<OAuthSignIn>): Promise<Outcome> {
  const { error } = await auth.signIn({ prompt: 'login' })
  return error
    ? errorOutcome(error, 'Everybody is still signed in.')
    : { tone: 'neutral', text: 'On the way to the provider…' }
}
