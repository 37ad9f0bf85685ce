import { useSyncExternalStore } from 'react'

const step = 250

/** The page's clock, epoch milliseconds, four times a second. Rounded up: a token just received has not more than its lifetime. */
export function useNow(): number {
  return useSyncExternalStore(tick, () => Math.ceil(Date.now() / step) * step)
}

function tick(look: () => void): () => void {
  const timer = setInterval(look, step)
  return () => clearInterval(timer)
}
