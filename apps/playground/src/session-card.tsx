import type { AuthClient, AuthSnapshot, Session } from '@authflight/client'
import { LogOut } from 'lucide-react'
import { useEffect, type ReactElement, type ReactNode } from 'react'
import { rememberName } from './account-names.ts'
import { AutoRefreshSwitch } from './auto-refresh-switch.tsx'
import { ExpiryRing } from './expiry-ring.tsx'
import { errorOutcome } from './outcome.ts'
import { StaleNotice } from './stale-notice.tsx'
import { duration, timeOfDay } from './time-words.ts'
import type { AutoRefresh } from './use-auto-refresh.ts'
import type { Run } from './use-happenings.ts'
import './session-card.css'

interface SessionCardProps {
  auth: AuthClient
  run: Run
  snapshot: Extract<AuthSnapshot, { session: Session }>
  /** Seconds that an access token usually lives. */
  lifetime: number
  autoRefresh: AutoRefresh
}

export function SessionCard({ auth, run, snapshot, lifetime, autoRefresh }: SessionCardProps): ReactElement {
  const { session } = snapshot
  useEffect(() => rememberName(session), [session])
  const name = session.user?.name ?? 'Somebody'
  const signOut = (): void =>
    run('Sign out', async () => {
      const begun = performance.now()
      const { error } = await auth.signOut()
      if (error) return errorOutcome(error, 'The sign-out failed.')
      return { tone: 'good', text: `Signed out in ${duration(performance.now() - begun)}, in every tab.` }
    })
  return (
    <section className="card session" aria-labelledby="session">
      <h2 id="session" className="visually-hidden">
        Session
      </h2>
      <div className="session-who">
        <span className="avatar" aria-hidden>
          {name.slice(0, 1)}
        </span>
        <p>
          <strong>{name}</strong>
          {session.user?.email && <span className="muted small">{session.user.email}</span>}
        </p>
        <span className="badge" data-status={snapshot.status}>
          {snapshot.status === 'stale' ? 'Stale' : 'Signed in'}
        </span>
      </div>
      {snapshot.status === 'stale' && <StaleNotice error={snapshot.error} retryAt={snapshot.retryAt} />}
      <div className="session-token">
        <ExpiryRing
          key={`${session.sessionId} ${session.revision}`}
          expiresAt={session.expiresAt}
          usualLifetime={lifetime * 1_000}
        />
        <dl className="facts">
          <Fact term="Generation">{session.revision}</Fact>
          <Fact term="Expires">{session.expiresAt === null ? 'not known' : timeOfDay(session.expiresAt)}</Fact>
        </dl>
      </div>
      <dl className="facts">
        <Fact term="Scopes">{session.scopes.join(' ')}</Fact>
        <Fact term="Session id">
          <code>{session.sessionId}</code>
        </Fact>
      </dl>
      <AutoRefreshSwitch {...autoRefresh} />
      <button type="button" className="button wide" onClick={signOut}>
        <LogOut aria-hidden />
        Sign out
      </button>
    </section>
  )
}

function Fact({ term, children }: { term: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}
