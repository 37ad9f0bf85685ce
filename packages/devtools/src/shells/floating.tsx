import { ChevronDown, PlaneTakeoff } from 'lucide'
import { type KeyboardEvent, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useTheme } from '../react/hooks/use-surroundings.ts'
import { loaded } from '../react/load-late.ts'
import type { AuthDevtoolsPanelProps } from '../react/auth-devtools-panel.tsx'
import { shareRecords } from '../model/relay.ts'
import { leastHeight } from '../react/look/least-height.ts'
import { DockHandle } from './dock-handle.tsx'
import { recallDock, rememberDock } from './dock-state.ts'
import { Icon } from '../react/widgets/icon.tsx'

export interface FloatingProps extends Omit<AuthDevtoolsPanelProps, 'height' | 'recording'> {
  /** Where its button floats. Default `bottom-right`. */
  readonly position?: 'bottom-right' | 'bottom-left'
  /** Whether it is open at the first visit; later it is as it was left. Default `false`. */
  readonly initiallyOpen?: boolean
}

// A closed panel costs a button.
const AuthDevtoolsPanel = loaded(
  () => import('../react/auth-devtools-panel.tsx'),
  (module) => module.AuthDevtoolsPanel,
)

/** Pixels of the line above the panel. */
const edge = 1

/** What is typed here is for nobody else: not for the app's shortcuts of one key either. */
function keepKey(event: KeyboardEvent): void {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== 'Escape') event.stopPropagation()
}

/** A round button; pressed, the panel along the bottom of the window. */
export function Floating({
  position = 'bottom-right',
  initiallyOpen = false,
  theme = 'system',
  ...panel
}: FloatingProps) {
  const [dock, setDock] = useState(() => recallDock(initiallyOpen))
  const root = useRef<HTMLDivElement>(null)
  const shown = useTheme(theme, root)
  // While the panel is closed, this tab's records are still there for panels in other tabs.
  useEffect(() => (dock.open ? undefined : shareRecords()), [dock.open])
  const change = (some: Partial<typeof dock>) => {
    const next = { ...dock, ...some }
    setDock(next)
    rememberDock(next)
  }
  /** What was pressed is gone: the keyboard goes on with what has come in its place. */
  const isPressed = useRef(false)
  const press = (open: boolean) => {
    isPressed.current = true
    change({ open })
  }
  const goOn = useCallback((mark: HTMLElement | null) => {
    if (!mark || !isPressed.current) return
    // In a low window the panel scrolls, and is to be seen from its top on.
    root.current?.querySelector<HTMLElement>('.af-view [tabindex], .af-open')?.focus({ preventScroll: true })
  }, [])
  return (
    <div
      ref={root}
      className="af-panel af-floating"
      role="presentation"
      data-theme={shown}
      data-position={position}
      onKeyDown={keepKey}
    >
      {dock.open ? (
        <div className="af-dock" style={{ height: `max(${dock.share * 100}vh, ${leastHeight + edge}px)` }}>
          <DockHandle share={dock.share} onChange={(share) => change({ share })} />
          <Suspense fallback={null}>
            <AuthDevtoolsPanel theme={theme} {...panel} />
            <i ref={goOn} hidden />
          </Suspense>
          <button
            type="button"
            className="af-dock-close"
            aria-label="Close the auth devtools"
            title="Close the auth devtools"
            onClick={() => press(false)}
          >
            <Icon of={ChevronDown} size={16} />
          </button>
        </div>
      ) : (
        <button
          ref={goOn}
          type="button"
          className="af-open"
          aria-label="Open the auth devtools"
          title="Open the auth devtools"
          onClick={() => press(true)}
        >
          <Icon of={PlaneTakeoff} size={20} />
        </button>
      )}
    </div>
  )
}
