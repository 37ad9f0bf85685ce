import type { AuthClient } from '@authflight/client'
import { AuthDevtoolsPanel } from '@authflight/devtools/react'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useEffect, useLayoutEffect, useState, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react'
import { accountName } from './account-names.ts'
import { clampShare, parseDock, type DockState } from './dock-state.ts'
import { listControls } from './panel-controls.ts'
import { useRecording } from './use-recording.ts'
import { recall, remember } from './page-memory.ts'
import './dock.css'

const key = 'authflight-playground.dock'

interface DockProps {
  auth: () => AuthClient | undefined
  /** Where traces are shown. */
  traceView: string | undefined
}

/** The devtools panel at the bottom of the page: resizable, collapsible, as it was left the last time. */
export function Dock({ auth, traceView }: DockProps): ReactElement {
  const [controls] = useState(() => listControls(auth))
  const { recording, problem } = useRecording()
  const [dock, setDock] = useState(() => parseDock(recall('localStorage', key), innerWidth))
  useEffect(() => remember('localStorage', key, JSON.stringify(dock)), [dock])
  useLayoutEffect(() => {
    // What gets the focus must not scroll to a place below the dock.
    document.documentElement.style.setProperty('--dock', dock.open ? `${dock.share * 100}dvh` : '40px')
  }, [dock])

  return (
    <section className="dock" aria-label="Devtools" data-open={dock.open}>
      {dock.open && (
        <Handle dock={dock} onChange={(share) => setDock({ ...dock, share: clampShare(share, innerHeight) })} />
      )}
      <button
        type="button"
        className="dock-toggle"
        aria-expanded={dock.open}
        aria-controls="dock-panel"
        onClick={() => setDock({ ...dock, open: !dock.open })}
      >
        {dock.open ? <ChevronDown aria-hidden /> : <ChevronUp aria-hidden />}
        <span className={dock.open ? 'visually-hidden' : undefined}>Refresh timeline</span>
      </button>
      <div id="dock-panel" className="dock-panel">
        {problem !== null && (
          <p className="dock-problem" role="alert">
            {problem}
          </p>
        )}
        {dock.open && (
          <AuthDevtoolsPanel
            accountLabel={accountName}
            recording={recording}
            controls={controls}
            traceUrl={(traceId) => (traceView === undefined ? undefined : `${traceView}/#trace=${traceId}`)}
          />
        )}
      </div>
    </section>
  )
}

function Handle({ dock, onChange }: { dock: DockState; onChange: (share: number) => void }): ReactElement {
  const drag = (event: PointerEvent<HTMLElement>): void => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) onChange(1 - event.clientY / innerHeight)
  }
  const step = (event: KeyboardEvent): void => {
    const steps: Partial<Record<string, number>> = {
      ArrowUp: dock.share + 0.05,
      ArrowDown: dock.share - 0.05,
      Home: 0,
      End: 1,
    }
    const share = steps[event.key]
    if (share === undefined) return
    event.preventDefault()
    onChange(share)
  }
  return (
    <div
      className="dock-handle"
      role="separator"
      tabIndex={0}
      aria-label="Height of the devtools"
      aria-orientation="horizontal"
      aria-controls="dock-panel"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(dock.share * 100)}
      onKeyDown={step}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    />
  )
}
