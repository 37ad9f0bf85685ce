import { Ban, DatabaseZap, TimerOff } from 'lucide-react'
import type { ReactElement } from 'react'
import { clearStorage } from './clear-storage.ts'
import { act, type ServerAct } from './control.ts'
import { NumberField } from './number-field.tsx'
import { count } from './time-words.ts'
import type { Run } from './use-happenings.ts'
import type { Server } from './use-server-state.ts'

interface BreakageProps {
  server: Server
  clockShift: number
  onClock: (shift: number) => void
  run: Run
}

const hour = 3_600_000
const clocks = [
  { shift: -hour, label: '1 h behind' },
  { shift: 0, label: 'Right' },
  { shift: hour, label: '1 h ahead' },
]

/** Things that happen to a session behind the app's back. */
export function Breakage({ server, clockShift, onClock, run }: BreakageProps): ReactElement {
  const atServer = (title: string, what: ServerAct, done: string): void =>
    run(title, async () => {
      const { affected } = await act(what)
      return { tone: 'neutral', text: `${done} ${count(affected, 'grant')} hit. The next refresh finds out.` }
    })
  return (
    <section className="card" aria-labelledby="breakage">
      <h2 id="breakage">Server and browser</h2>
      <ul className="act-list">
        <li>
          <button
            type="button"
            className="button"
            onClick={() => atServer('Revoke the grant', 'revoke_grant', 'The provider revoked what it had granted.')}
          >
            <Ban aria-hidden />
            Revoke the grant
          </button>
          <p>
            As an administrator would. The next refresh is answered invalid_grant and the session ends, with its reason.
          </p>
        </li>
        <li>
          <button
            type="button"
            className="button"
            onClick={() => atServer('Expire the refresh token', 'expire_refresh_token', 'The refresh token is over.')}
          >
            <TimerOff aria-hidden />
            Expire the refresh token
          </button>
          <p>The access token works until it ends; then the next refresh ends the session.</p>
        </li>
        <li>
          <button type="button" className="button" onClick={() => run('Clear storage', clearStorage)}>
            <DatabaseZap aria-hidden />
            Clear storage
          </button>
          <p>As “clear site data” does: the stored session is gone. Look for signed out, because of storage_cleared.</p>
        </li>
        <li>
          <fieldset className="segments" aria-label="This page’s clock">
            {clocks.map(({ shift, label }) => (
              <label key={shift}>
                <input type="radio" name="clock" checked={shift === clockShift} onChange={() => onClock(shift)} />
                {label}
              </label>
            ))}
          </fieldset>
          <p>
            The clock of this page only. Look for no refresh loop and no sign-out; the next token is timed by its own
            receipt.
          </p>
        </li>
        <li>
          <NumberField
            label="Access token lifetime in seconds"
            unit="s lifetime"
            value={server.state.accessTokenTtl}
            min={5}
            max={3_600}
            onChange={server.setLifetime}
          />
          <p>How long the next access tokens live. The refresh margin scales with it.</p>
        </li>
        <li>
          <NumberField
            label="Refresh token lifetime in seconds"
            unit="s told"
            value={server.state.refreshTokenTtl ?? 28_800}
            min={1}
            max={86_400}
            onChange={server.tellRefreshLifetime}
          />
          <p>Once set, the server tells it with each token. A session that outlives it has expired, and says so.</p>
        </li>
      </ul>
    </section>
  )
}
