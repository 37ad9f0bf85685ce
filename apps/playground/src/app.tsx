import { useAuth, useSession } from '@authflight/react'
import { useEffect, useState, type ReactElement } from 'react'
import { Acts } from './acts.tsx'
import { Breakage } from './breakage.tsx'
import { shiftClock } from './clock-shift.ts'
import type { Config } from './control.ts'
import { Faults } from './faults.tsx'
import { Header } from './header.tsx'
import { LogCard } from './log-card.tsx'
import { errorOutcome } from './outcome.ts'
import { Results } from './results.tsx'
import { useServerLog } from './server-log.ts'
import { SessionCard } from './session-card.tsx'
import { SessionPlaceholder } from './session-placeholder.tsx'
import { SignIn } from './sign-in.tsx'
import { useAutoRefresh } from './use-auto-refresh.ts'
import { useHappenings } from './use-happenings.ts'
import { useServerState } from './use-server-state.ts'
import './app.css'

export function App({ config }: { config: Config }): ReactElement {
  const auth = useAuth()
  const snapshot = useSession()
  const { happenings, run } = useHappenings()
  const log = useServerLog()
  const server = useServerState(happenings)
  const autoRefresh = useAutoRefresh(auth)
  const [clockShift, setClockShift] = useState(0)

  // The sign-in that led here, if one did: `redirect: 'auto'` finishes it at start-up, and this is how one hears that it failed.
  useEffect(() => {
    let isHere = true
    void auth.handleRedirect().then(({ error }) => {
      if (error && isHere) run('Sign in', () => Promise.resolve(errorOutcome(error, 'The sign-in did not succeed.')))
    })
    return () => {
      isHere = false
    }
  }, [auth, run])

  const changeClock = (shift: number): void => {
    shiftClock(shift)
    setClockShift(shift)
  }
  const resetAll = (): void => {
    changeClock(0)
    run('Reset all', async () => {
      await server.reset()
      return { tone: 'neutral', text: 'No fault, the usual lifetime, an empty log, the right clock.' }
    })
  }
  const act = { auth, run }

  return (
    <>
      <Header config={config} server={server} clockShift={clockShift} onClock={changeClock} onReset={resetAll} />
      <main className="app" data-status={snapshot.status}>
        <div className="app-session">
          {snapshot.status === 'restoring' && <SessionPlaceholder />}
          {snapshot.status === 'signed-out' && <SignIn reason={snapshot.reason} users={config.users} {...act} />}
          {(snapshot.status === 'signed-in' || snapshot.status === 'stale') && (
            <SessionCard
              snapshot={snapshot}
              lifetime={server.state.accessTokenTtl}
              autoRefresh={autoRefresh}
              {...act}
            />
          )}
        </div>
        <div className="app-controls">
          {snapshot.status !== 'signed-out' && (
            <Acts inert={snapshot.status === 'restoring'} isAutoRefreshOn={autoRefresh.isOn} {...act} />
          )}
          <Faults server={server} />
          <Breakage server={server} clockShift={clockShift} onClock={changeClock} run={run} />
        </div>
        <div className="app-evidence">
          <Results happenings={happenings} />
          <LogCard log={log} />
        </div>
      </main>
    </>
  )
}
