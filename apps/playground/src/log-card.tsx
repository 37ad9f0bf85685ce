import type { ReactElement } from 'react'
import type { LogEntry } from './control.ts'
import type { ServerLog } from './server-log.ts'
import { timeOfDay } from './time-words.ts'
import './log-card.css'

const shown = 100

/** What reached the authorization server, as it saw it. */
export function LogCard({ log: { entries, tokenRequests } }: { log: ServerLog }): ReactElement {
  return (
    <section className="card log" aria-labelledby="log">
      <header>
        <h2 id="log">Server log</h2>
        <p>
          <output aria-label="Token requests">{tokenRequests.toLocaleString('en')}</output>
          {tokenRequests === 1 ? 'token request' : 'token requests'}
        </p>
      </header>
      {/* What scrolls must be reachable by keyboard, in every browser. */}
      <div className="log-scroll" tabIndex={0} role="group" aria-label="Requests, newest first">
        {entries.length === 0 ? (
          <p className="muted">Nothing has reached the provider yet.</p>
        ) : (
          <table>
            <thead className="visually-hidden">
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Request</th>
                <th scope="col">Status</th>
              </tr>
            </thead>
            <tbody>
              {entries.slice(0, shown).map((entry) => (
                <Row key={entry.seq} entry={entry} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

function Row({ entry: { at, endpoint, grant, status, fault, error } }: { entry: LogEntry }): ReactElement {
  const note = [error, fault && `fault: ${fault}`].filter(Boolean).join(' · ')
  return (
    <tr data-endpoint={endpoint}>
      <td>
        <time>{timeOfDay(at, { milliseconds: true })}</time>
      </td>
      <td>
        <strong>{endpoint}</strong> {grant && <span className="muted">{grant}</span>}
        {note && <span className="log-note">{note}</span>}
      </td>
      <td>
        <span className="status" data-tone={status >= 400 || status === 0 ? 'bad' : 'good'}>
          {status || 'none'}
        </span>
      </td>
    </tr>
  )
}
