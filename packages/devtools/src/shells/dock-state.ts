export interface DockState {
  readonly open: boolean
  /** Height as a share of the window's, 0.15 to 0.9. */
  readonly share: number
}

const key = 'authflight.devtools.dock'

export function clampShare(share: number): number {
  return Math.min(0.9, Math.max(0.15, share))
}

/** As it was left; what is kept is not trusted. */
export function recallDock(initiallyOpen: boolean): DockState {
  try {
    const { open, share } = (JSON.parse(localStorage.getItem(key) ?? '{}') ?? {}) as Partial<DockState>
    return {
      open: typeof open === 'boolean' ? open : initiallyOpen,
      share: typeof share === 'number' && Number.isFinite(share) ? clampShare(share) : 0.45,
    }
  } catch {
    return { open: initiallyOpen, share: 0.45 }
  }
}

export function rememberDock(dock: DockState): void {
  try {
    localStorage.setItem(key, JSON.stringify(dock))
  } catch {
    // Site data is blocked: then it is not kept.
  }
}
