import { lazy, type ReactNode } from 'react'

export const loadLate = () => import('./late.ts')

/** A component that is loaded when it is first shown. */
export const late = <Props>(pick: (all: Awaited<ReturnType<typeof loadLate>>) => (props: Props) => ReactNode) =>
  lazy(async () => ({ default: pick(await loadLate()) }))
