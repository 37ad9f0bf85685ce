import { useCallback, useState } from 'react'
import { errorOutcome, type Outcome } from './outcome.ts'

/** Something the page was told to do: `outcome` is null while it is under way. */
export interface Happening {
  readonly id: number
  readonly title: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly outcome: Outcome | null
}

export type Run = (title: string, work: () => Promise<Outcome>) => void

const kept = 4
let ids = 0

/** The last few things done, newest first, and the way to do one. Nothing that is done can throw past this. */
export function useHappenings(): { happenings: readonly Happening[]; run: Run } {
  const [happenings, setHappenings] = useState<readonly Happening[]>([])
  const run = useCallback<Run>((title, work) => {
    const id = (ids += 1)
    setHappenings((list) => [{ id, title, at: Date.now(), outcome: null }, ...list].slice(0, kept))
    const settle = (outcome: Outcome): void =>
      setHappenings((list) => list.map((happening) => (happening.id === id ? { ...happening, outcome } : happening)))
    work().then(settle, (error: unknown) => settle(errorOutcome(error)))
  }, [])
  return { happenings, run }
}
