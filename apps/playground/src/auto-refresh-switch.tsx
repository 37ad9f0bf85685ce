import type { ReactElement } from 'react'
import type { AutoRefresh } from './use-auto-refresh.ts'

export function AutoRefreshSwitch({ isOn, change }: AutoRefresh): ReactElement {
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-label="Auto refresh"
      aria-describedby="auto-refresh-text"
      aria-checked={isOn}
      onClick={() => change(!isOn)}
    >
      <span>
        Auto refresh
        <span className="muted small" id="auto-refresh-text">
          {isOn ? 'Refreshes shortly before expiry' : 'Refreshes when a call needs it'}
        </span>
      </span>
      <span className="switch-track" />
    </button>
  )
}
