import type { AuthClient } from '@authflight/client'
import { useState, type ReactElement } from 'react'
import { readAutoRefresh, writeAutoRefresh } from './preferences.ts'

export function AutoRefreshSwitch({ auth }: { auth: AuthClient }): ReactElement {
  const [on, setOn] = useState(readAutoRefresh)
  const change = (next: boolean): void => {
    setOn(next)
    writeAutoRefresh(next)
    if (next) auth.startAutoRefresh()
    else auth.stopAutoRefresh()
  }
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-label="Auto refresh"
      aria-describedby="auto-refresh-text"
      aria-checked={on}
      onClick={() => change(!on)}
    >
      <span>
        Auto refresh
        <span className="muted small" id="auto-refresh-text">
          {on ? 'Refreshes shortly before expiry' : 'Refreshes when a call needs it'}
        </span>
      </span>
      <span className="switch-track" />
    </button>
  )
}
