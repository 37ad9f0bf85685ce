import { ClockAlert, RotateCcw, X, Zap } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Config } from './control.ts'
import { faultWords } from './fault-kinds.ts'
import type { Server } from './use-server-state.ts'
import './header.css'

interface HeaderProps {
  config: Config
  server: Server
  clockShift: number
  onClock: (shift: number) => void
  onReset: () => void
}

/** Where we are, and whatever is set wrong on purpose, with the way back. */
export function Header({ config, server, clockShift, onClock, onReset }: HeaderProps): ReactElement {
  const { fault } = server.state
  return (
    <header className="header">
      <Mark />
      <h1>
        Authflight <span>playground</span>
      </h1>
      <p className="header-issuer">
        OpenID provider at <code>{new URL(config.issuer).host}</code>
        {config.otlp && ' · spans are exported'}
      </p>
      <div className="header-wrong">
        {fault.kind !== 'none' && (
          <button type="button" className="chip" onClick={() => server.setFault({ kind: 'none' })}>
            <Zap aria-hidden />
            <span>
              <span className="visually-hidden">Clear the fault: </span>
              {faultWords(fault)}
            </span>
            <X aria-hidden />
          </button>
        )}
        {clockShift !== 0 && (
          <button type="button" className="chip" onClick={() => onClock(0)}>
            <ClockAlert aria-hidden />
            <span>
              <span className="visually-hidden">Set the clock right: </span>
              {`This page’s clock is 1 h ${clockShift > 0 ? 'ahead' : 'behind'}`}
            </span>
            <X aria-hidden />
          </button>
        )}
      </div>
      <button type="button" className="button quiet" onClick={onReset}>
        <RotateCcw aria-hidden />
        Reset all
      </button>
    </header>
  )
}

function Mark(): ReactElement {
  return (
    <svg className="header-mark" viewBox="0 0 24 24" aria-hidden>
      <rect width="24" height="24" rx="6" />
      <path d="M6 17 12 6l6 11-6-3.2z" />
    </svg>
  )
}
