import { lazy, type ReactNode } from 'react'

export const loadLate = () => import('./late.ts')

/** Begins to load, when somebody turns to the panel: it shall be there when it is asked for, also without a network. */
export const warmUp = (): void => void loadLate().catch(() => {})

/** A component that is loaded when it is first shown. Where that fails, it says so instead. */
export const loaded = <Module, Props>(
  load: () => Promise<Module>,
  pick: (module: Module) => (props: Props) => ReactNode,
) => lazy(async () => ({ default: await load().then(pick, (): ((props: Props) => ReactNode) => Missing) }))

/** The same for a part of what comes late. */
export const late = <Props>(pick: (all: Awaited<ReturnType<typeof loadLate>>) => (props: Props) => ReactNode) =>
  loaded(loadLate, pick)

const Missing = () => 'This part of the panel could not be loaded. Reload the page once the network is back.'
