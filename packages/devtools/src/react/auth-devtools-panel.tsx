import { flushSync } from 'react-dom'
import { type CSSProperties, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import type { Recording } from '../formats/recording.ts'
import { adoptStyles } from './look/adopt-styles.ts'
import type { PanelControl } from './bars/controls-bar.tsx'
import { ErrorGuard } from './widgets/error-guard.tsx'
import { focusView } from './hooks/focus-view.ts'
import { useTheme } from './hooks/use-surroundings.ts'
import { PanelBody } from './panel-body.tsx'
import { styles } from './look/styles.ts'

export interface AuthDevtoolsPanelProps {
  /** Default `system`: the page's `color-scheme`, else what the reader prefers. */
  readonly theme?: 'light' | 'dark' | 'system'
  /** Any CSS height; default `100%` of the container. */
  readonly height?: CSSProperties['height']
  /** A name to show for an account's random id. It stays in the panel's memory. */
  readonly accountLabel?: (account: string) => string | undefined
  /** Where your backend shows a trace, for a link beside each record. Only http and https addresses are linked. */
  readonly traceUrl?: (traceId: string) => string | undefined
  /** Shows this recording instead of the page's own records. Read one from a file with `readRecording`. */
  readonly recording?: Recording | null
  /** Buttons that act on your app: refresh, expire, faults. Never shown in a production build. */
  readonly controls?: readonly PanelControl[]
}

/** A recording with the name of the file it came from. */
export interface Opened {
  readonly name: string
  readonly recording: Recording
}

/**
 * The devtools panel: a live timeline of every refresh, wait, discard and contention in this tab and, where they show the
 * panel too, in other tabs; why somebody was signed out; and recordings from files. It only reads. It fills its container, opens
 * late without missing what the recorder still holds, and does nothing while it is out of sight.
 */
export function AuthDevtoolsPanel({ recording = null, ...props }: AuthDevtoolsPanelProps): ReactNode {
  const [opened, setOpened] = useState<Opened | null>(null)
  const given = recording === null ? null : { name: 'Recording', recording }
  return <PanelOf {...props} opened={opened ?? given} onOpen={setOpened} canClose={opened !== null} />
}

interface PanelOfProps extends Omit<AuthDevtoolsPanelProps, 'recording'> {
  /** The file that is shown; `null`: this page and its other tabs. */
  readonly opened: Opened | null
  readonly onOpen: (opened: Opened | null) => void
  /** There is something to go back to. */
  readonly canClose: boolean
}

/** The panel of what its owner has opened. */
export function PanelOf({ opened, onOpen, theme = 'system', height = '100%', ...props }: PanelOfProps): ReactNode {
  const root = useRef<HTMLDivElement>(null)
  const shownTheme = useTheme(theme, root)
  useLayoutEffect(() => adoptStyles(root.current!.getRootNode() as Document | ShadowRoot, styles), [])
  const open = (next: Opened | null) => {
    flushSync(() => onOpen(next))
    focusView(root.current)
  }
  return (
    <div ref={root} className="af-panel" data-theme={shownTheme} style={{ height }}>
      <ErrorGuard key={opened === null ? 'live' : numberOf(opened.recording.records)}>
        <PanelBody {...props} theme={shownTheme} opened={opened} onOpen={open} />
      </ErrorGuard>
    </div>
  )
}

const numbers = new WeakMap<Recording['records'], number>()
let count = 0

/** Tells recordings apart: each is shown by a panel of its own. An app may wrap the same records anew each time that it renders. */
function numberOf(records: Recording['records']): number {
  const number = numbers.get(records) ?? ++count
  numbers.set(records, number)
  return number
}
