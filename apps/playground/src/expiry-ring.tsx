import { useState, type ReactElement } from 'react'
import { countdown } from './time-words.ts'
import { useNow } from './use-now.ts'

interface ExpiryRingProps {
  /** Epoch milliseconds; `null` where no lifetime is known. */
  expiresAt: number | null
  /** Milliseconds: a full ring, unless this token has more than that. */
  usualLifetime: number
}

const radius = 42
const around = 2 * Math.PI * radius

/** How much of an access token's life is left. One ring for one token: give another `key` to the next. */
export function ExpiryRing({ expiresAt, usualLifetime }: ExpiryRingProps): ReactElement {
  const now = useNow()
  const left = expiresAt === null ? Infinity : expiresAt - now
  const [lifetime] = useState(() => Math.max(usualLifetime, Number.isFinite(left) ? left : 0))
  const share = Math.min(1, Math.max(0, left / lifetime))
  const state = left <= 0 ? 'dead' : share < 0.25 ? 'late' : 'fresh'
  return (
    <div className="ring" data-state={state}>
      <svg viewBox="0 0 96 96" aria-hidden>
        <circle cx="48" cy="48" r={radius} />
        <circle cx="48" cy="48" r={radius} strokeDasharray={around} strokeDashoffset={around * (1 - share)} />
      </svg>
      <p role="timer" aria-label="Access token">
        <strong>{left === Infinity ? '∞' : left <= 0 ? 'expired' : countdown(left)}</strong>
        <span>{left === Infinity ? 'no expiry' : left <= 0 ? `${countdown(-left)} ago` : 'left'}</span>
      </p>
    </div>
  )
}
