import { flushSync } from 'react-dom'
import { Suspense, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { RecordModel } from '../model/record-model.ts'
import { parseFilter } from '../model/filter.ts'
import { readOtherTabs, shareRecords } from '../model/relay.ts'
import { readSources } from '../model/sources.ts'
import { stepIncident, stepProblem } from '../timeline/steps.ts'
import type { Theme } from '../timeline/palette.ts'
import { TimelineView } from '../timeline/view.ts'
import { modelOf } from '../model/whole-model.ts'
import { plainNames } from '../model/whose.ts'
import { judge } from '../verdicts/judge.ts'
import type { AuthDevtoolsPanelProps, Opened } from './auth-devtools-panel.tsx'
import { type Panel, PanelContext, tabTitles } from './context.ts'
import { ControlsBar } from './bars/controls-bar.tsx'
import { DetailHint } from './panes/detail-hint.tsx'
import { useFileDrop } from './bars/file-drop.ts'
import { keepVisits } from './hooks/visits.ts'
import { HeadlineBar } from './bars/headline-bar.tsx'
import { focusView } from './hooks/focus-view.ts'
import { useWidth } from './hooks/use-surroundings.ts'
import { useView } from './hooks/use-store.ts'
import { late, warmUp } from './load-late.ts'
import { Message } from './widgets/message.tsx'
import { useSettings } from './settings.ts'
import { Split } from './widgets/split.tsx'
import { StatsBar } from './bars/stats-bar.tsx'
import { TimelinePane } from './panes/timeline-pane.tsx'
import { Toolbar } from './bars/toolbar.tsx'
import { useKeys } from './hooks/use-keys.ts'

const DetailPane = late((all) => all.DetailPane)
const FileBar = late((all) => all.FileBar)
const RaceBar = late((all) => all.RaceBar)
const SpokenSelection = late((all) => all.SpokenSelection)
const KeysSheet = late((all) => all.KeysSheet)
const TablePane = late((all) => all.TablePane)
const WhyPane = late((all) => all.WhyPane)
const StatsPane = late((all) => all.StatsPane)

const narrowBelow = 640

declare const process: { readonly env: { readonly NODE_ENV?: string } }

interface PanelBodyProps extends Pick<AuthDevtoolsPanelProps, 'accountLabel' | 'traceUrl' | 'controls'> {
  readonly theme: Theme
  /** The file that is shown; `null`: this page and its other tabs. */
  readonly opened: Opened | null
  readonly onOpen: (opened: Opened | null) => void
  /** There is something to go back to. */
  readonly canClose: boolean
}

/** One panel over one model: live, or of one file. */
export function PanelBody({ theme, accountLabel, traceUrl, controls = [], opened, onOpen, canClose }: PanelBodyProps) {
  const root = useRef<HTMLDivElement>(null)
  const viewId = useId()
  const [model] = useState(() => (opened === null ? new RecordModel() : modelOf(opened.recording.records)))
  const [view] = useState(() => new TimelineView(model, opened === null ? 'live' : 'still'))
  const [settings, change] = useSettings()
  const [recording, setRecording] = useState(true)
  const [keysShown, setKeysShown] = useState(false)
  const [message, setMessage] = useState<string | null>(null)
  const isNarrow = useWidth(root) < narrowBelow
  const hasSelection = useView(view, () => view.selected !== null)
  const isStepping = useView(view, () => view.race !== null)
  const isLive = opened === null

  useEffect(() => (isLive ? shareRecords() : undefined), [isLive])
  useEffect(() => {
    if (!isLive || !recording) return
    const stops = [readSources(model), readOtherTabs(model)]
    return () => stops.forEach((stop) => stop())
  }, [model, recording, isLive])
  useEffect(() => (isLive && settings.keeping ? keepVisits(model) : undefined), [model, isLive, settings.keeping])
  useEffect(() => view.setFolding(settings.folding), [view, settings.folding])
  useEffect(() => view.setGrouping(settings.grouping), [view, settings.grouping])

  const names = useMemo(() => {
    const plain = plainNames(model)
    const labelOf = (account: string | null) => {
      try {
        const label = account === null ? undefined : accountLabel?.(account)
        return typeof label === 'string' ? label : undefined
      } catch {
        return undefined
      }
    }
    return {
      ...plain,
      account: (session: string, account: string | null) => labelOf(account) ?? plain.account(session, account),
    }
  }, [model, accountLabel])
  useEffect(() => view.setFilter(parseFilter(settings.filter, names).test), [view, settings.filter, names])
  const focus = useCallback(() => focusView(root.current), [])
  const panel: Panel = {
    model,
    view,
    names,
    theme,
    settings,
    change,
    isFile: !isLive,
    traceUrl,
    toTimeline() {
      flushSync(() => change({ tab: 'timeline' }))
      focus()
    },
    focusView: focus,
    stepProblem(direction) {
      if (settings.tab === 'why') stepIncident(view, judge(model, names), direction)
      else if (settings.tab !== 'stats') stepProblem(view, direction)
    },
    say: setMessage,
  }
  const close = () => {
    focus()
    setMessage(null)
  }
  const showKeys = useCallback(() => setKeysShown(true), [])
  const onKeyDown = useKeys(panel, root, showKeys)
  const drop = useFileDrop(onOpen, setMessage)
  const { tab } = settings
  const hasDetail = (tab === 'timeline' || tab === 'table') && (!isNarrow || (hasSelection && !isStepping))
  return (
    <PanelContext.Provider value={panel}>
      <div
        ref={root}
        className="af-frame"
        role="presentation"
        onKeyDown={onKeyDown}
        onPointerEnter={warmUp}
        onFocus={warmUp}
        {...drop.handlers}
      >
        <section className="af-body" aria-label="Auth devtools" data-dropping={drop.isOver || undefined}>
          <Toolbar
            controls={viewId}
            recording={recording}
            onRecording={setRecording}
            onOpen={onOpen}
            onKeys={showKeys}
          />
          {opened !== null && (
            <Suspense fallback={null}>
              <FileBar opened={opened} onClose={canClose ? () => onOpen(null) : null} />
            </Suspense>
          )}
          {message !== null && <Message text={message} onClose={close} />}
          <HeadlineBar />
          {isStepping && (
            <Suspense fallback={null}>
              <RaceBar />
            </Suspense>
          )}
          <Split
            direction={isNarrow ? 'rows' : 'columns'}
            main={
              <div id={viewId} className="af-view" role="tabpanel" aria-label={tabTitles[tab]}>
                <Suspense fallback={<p className="af-empty-text">Loading …</p>}>
                  {tab === 'timeline' && <TimelinePane />}
                  {tab === 'table' && <TablePane />}
                  {tab === 'why' && <WhyPane />}
                  {tab === 'stats' && <StatsPane />}
                </Suspense>
              </div>
            }
            side={
              hasDetail ? (
                <Suspense fallback={<DetailHint />}>{hasSelection ? <DetailPane /> : <DetailHint />}</Suspense>
              ) : null
            }
          />
          {process.env.NODE_ENV !== 'production' && controls.length > 0 && <ControlsBar controls={controls} />}
          <StatsBar />
          <p className="af-unseen" role="status" aria-live="polite">
            {hasSelection && (
              <Suspense fallback={null}>
                <SpokenSelection />
              </Suspense>
            )}
          </p>
        </section>
        {keysShown && (
          <Suspense fallback={null}>
            <KeysSheet onClose={() => setKeysShown(false)} />
          </Suspense>
        )}
      </div>
    </PanelContext.Provider>
  )
}
