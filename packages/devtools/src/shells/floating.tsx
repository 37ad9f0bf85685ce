import { ChevronDown, PlaneTakeoff } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { useTheme } from '../react/hooks.ts'
import type { AuthDevtoolsProps } from './auth-devtools.tsx'
import { useShare } from './auth-devtools.tsx'
import { DockHandle } from './dock-handle.tsx'
import { ErrorGuard } from './error-guard.tsx'
import { recallDock, rememberDock } from './dock-state.ts'

// A closed panel costs a button.
const AuthDevtoolsPanel = lazy(() =>
  import('../react/auth-devtools-panel.tsx').then((module) => ({ default: module.AuthDevtoolsPanel })),
)

/** A round button; pressed, the panel along the bottom of the window. */
export function Floating({
  position = 'bottom-right',
  initiallyOpen = false,
  theme = 'system',
  ...panel
}: Omit<AuthDevtoolsProps, 'nonce'>) {
  const [dock, setDock] = useState(() => recallDock(initiallyOpen))
  const root = useRef<HTMLDivElement>(null)
  const shown = useTheme(theme, root)
  useShare(!dock.open)
  const change = (some: Partial<typeof dock>) => {
    const next = { ...dock, ...some }
    setDock(next)
    rememberDock(next)
  }
  return (
    <div ref={root} className="af-panel af-floating" data-theme={shown} data-position={position}>
      {dock.open ? (
        <div className="af-dock" style={{ height: `${dock.share * 100}vh` }}>
          <DockHandle share={dock.share} onChange={(share) => change({ share })} />
          <ErrorGuard>
            <Suspense fallback={null}>
              <AuthDevtoolsPanel theme={theme} {...panel} />
            </Suspense>
          </ErrorGuard>
          <button
            type="button"
            className="af-dock-close"
            aria-label="Close the auth devtools"
            title="Close the auth devtools"
            onClick={() => change({ open: false })}
          >
            <ChevronDown size={16} aria-hidden />
          </button>
        </div>
      ) : (
        <button
          type="button"
          className="af-open"
          aria-label="Open the auth devtools"
          title="Open the auth devtools"
          onClick={() => change({ open: true })}
        >
          <PlaneTakeoff size={20} aria-hidden />
        </button>
      )}
    </div>
  )
}
