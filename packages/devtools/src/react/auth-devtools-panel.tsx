import { type CSSProperties, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { RecordModel } from '../model/record-model.ts'
import { readOtherTabs, shareRecords } from '../model/relay.ts'
import { readSources } from '../model/sources.ts'
import { TimelineView } from '../timeline/view.ts'
import { adoptStyles } from './adopt-styles.ts'
import { DetailPane } from './detail-pane.tsx'
import { HeadlineBar } from './headline-bar.tsx'
import { useSelected, useTheme, useWidth } from './hooks.ts'
import { Split } from './split.tsx'
import { SpokenSelection } from './spoken-selection.tsx'
import { StatsBar } from './stats-bar.tsx'
import { TablePane } from './table-pane.tsx'
import { TimelinePane } from './timeline-pane.tsx'
import { type PanelTab, Toolbar } from './toolbar.tsx'

export interface AuthDevtoolsPanelProps {
  /** Default `system`: the page's `color-scheme`, else what the reader prefers. */
  readonly theme?: 'light' | 'dark' | 'system'
  /** Any CSS height; default `100%` of the container. */
  readonly height?: CSSProperties['height']
  /** A name to show for an account's random id. It stays in the panel's memory. */
  readonly accountLabel?: (account: string) => string | undefined
}

const narrowBelow = 640

/**
 * The devtools panel: a live timeline of every refresh, wait, discard and contention in this tab and, where they show the
 * panel too, in other tabs. It only reads. It fills its container, opens late without missing what the recorder still
 * holds, and does nothing while it is out of sight.
 */
export function AuthDevtoolsPanel({ theme = 'system', height = '100%', accountLabel }: AuthDevtoolsPanelProps) {
  const root = useRef<HTMLDivElement>(null)
  const viewId = useId()
  const [model] = useState(() => new RecordModel())
  const [view] = useState(() => new TimelineView(model))
  const [tab, setTab] = useState<PanelTab>('timeline')
  const [recording, setRecording] = useState(true)
  const shown = useTheme(theme, root)
  const isNarrow = useWidth(root) < narrowBelow
  const hasSelection = useSelected(view) !== null

  useLayoutEffect(() => adoptStyles(root.current!.getRootNode() as Document | ShadowRoot), [])
  useEffect(() => shareRecords(), [])
  useEffect(() => {
    if (!recording) return
    const stops = [readSources(model), readOtherTabs(model)]
    return () => stops.forEach((stop) => stop())
  }, [model, recording])

  const hasDetail = !isNarrow || hasSelection
  return (
    <div ref={root} className="af-panel" data-theme={shown} data-narrow={isNarrow || undefined} style={{ height }}>
      <section className="af-body" aria-label="Auth devtools">
        <Toolbar
          model={model}
          view={view}
          tab={tab}
          controls={viewId}
          onTab={setTab}
          recording={recording}
          onRecording={setRecording}
        />
        <HeadlineBar model={model} view={view} />
        <Split
          direction={isNarrow ? 'rows' : 'columns'}
          main={
            <div id={viewId} className="af-view" role="tabpanel" aria-label={tab === 'timeline' ? 'Timeline' : 'Table'}>
              {tab === 'timeline' ? (
                <TimelinePane model={model} view={view} theme={shown} accountLabel={accountLabel} />
              ) : (
                <TablePane model={model} view={view} />
              )}
            </div>
          }
          side={hasDetail ? <DetailPane model={model} view={view} /> : null}
        />
        <StatsBar model={model} />
        <SpokenSelection model={model} view={view} />
      </section>
    </div>
  )
}
