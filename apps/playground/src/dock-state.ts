export interface DockState {
  readonly open: boolean
  /** Height as a share of the window's. */
  readonly share: number
}

const least = 140
const headroom = 120

/** A share that leaves both the dock and the page above it room to be of use. `height` of the window in pixels. */
export function clampShare(share: number, height: number): number {
  const most = Math.max(least, height - headroom)
  return Math.min(most, Math.max(least, share * height)) / height
}

/** As it was left; at first open, but closed on a narrow screen, where it would leave no page. */
export function parseDock(stored: string | null, width: number): DockState {
  const usual: DockState = { open: width >= 720, share: 0.45 }
  try {
    const { open, share } = (JSON.parse(stored ?? '{}') ?? {}) as Partial<DockState>
    if (typeof open !== 'boolean' || typeof share !== 'number' || !(share > 0 && share < 1)) return usual
    return { open, share }
  } catch {
    return usual
  }
}
