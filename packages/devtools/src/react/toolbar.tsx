import { ChevronLeft, ChevronRight, Circle, Maximize2, Radio, Trash2, ZoomIn, ZoomOut } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import type { RecordModel } from '../model/record-model.ts'
import { recordTime } from '../model/relay.ts'
import type { TimelineView } from '../timeline/view.ts'
import { useLive, useStore } from './hooks.ts'

export type PanelTab = 'timeline' | 'table'

interface ToolbarProps {
  readonly model: RecordModel
  readonly view: TimelineView
  readonly tab: PanelTab
  /** Id of the element that holds the view of the tab. */
  readonly controls: string
  readonly onTab: (tab: PanelTab) => void
  readonly recording: boolean
  readonly onRecording: (recording: boolean) => void
}

const tabs: readonly PanelTab[] = ['timeline', 'table']

/** The first line: which view, whether it records and follows, and the ways to move. */
export function Toolbar({ model, view, tab, controls, onTab, recording, onRecording }: ToolbarProps) {
  useStore(model, 250)
  const live = useLive(view)
  const problems = model.problems.length
  const middle = () => view.scale.width / 2
  const isTimeline = tab === 'timeline'
  return (
    <div className="af-toolbar">
      <span className="af-title">Auth</span>
      <Tabs tab={tab} controls={controls} onTab={onTab} />
      <span className="af-space" />
      {isTimeline && (
        <button
          type="button"
          className="af-pill"
          aria-pressed={live}
          onClick={() => view.setLive(!live)}
          title="Follow now (space)"
        >
          <Radio size={13} aria-hidden /> Live
        </button>
      )}
      <button
        type="button"
        className="af-pill af-record"
        aria-pressed={recording}
        onClick={() => onRecording(!recording)}
        title={recording ? 'Stop reading records; what happens meanwhile is read on resuming' : 'Read records again'}
      >
        <Circle size={10} aria-hidden fill={recording ? 'currentColor' : 'none'} /> {recording ? 'Rec' : 'Paused'}
      </button>
      {isTimeline && (
        <span className="af-cluster">
          <IconButton
            label="Zoom out (s)"
            onClick={() => view.zoom(1 / 1.6, middle())}
            icon={<ZoomOut size={15} aria-hidden />}
          />
          <IconButton
            label="Zoom in (w)"
            onClick={() => view.zoom(1.6, middle())}
            icon={<ZoomIn size={15} aria-hidden />}
          />
          <IconButton
            label="Fit everything (f)"
            onClick={() => view.fit(recordTime())}
            icon={<Maximize2 size={14} aria-hidden />}
          />
        </span>
      )}
      <span className="af-cluster" role="group" aria-label="Problems">
        <IconButton
          label="Previous problem (p)"
          disabled={problems === 0}
          onClick={() => view.stepProblem(-1, recordTime())}
          icon={<ChevronLeft size={15} aria-hidden />}
        />
        <span className="af-count" data-some={problems > 0 || undefined}>
          {problems} <span className="af-wide-only">{problems === 1 ? 'problem' : 'problems'}</span>
        </span>
        <IconButton
          label="Next problem (n)"
          disabled={problems === 0}
          onClick={() => view.stepProblem(1, recordTime())}
          icon={<ChevronRight size={15} aria-hidden />}
        />
      </span>
      <IconButton label="Clear" onClick={() => model.clear(recordTime())} icon={<Trash2 size={14} aria-hidden />} />
    </div>
  )
}

function Tabs({ tab, controls, onTab }: Pick<ToolbarProps, 'tab' | 'controls' | 'onTab'>) {
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const other = tabs.find((candidate) => candidate !== tab)!
    onTab(other)
    event.currentTarget.querySelector<HTMLElement>(`[data-tab=${other}]`)?.focus()
  }
  return (
    <div className="af-tabs" role="tablist" aria-label="View" onKeyDown={step}>
      {tabs.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          data-tab={name}
          aria-selected={tab === name}
          aria-controls={controls}
          tabIndex={tab === name ? 0 : -1}
          onClick={() => onTab(name)}
        >
          {name === 'timeline' ? 'Timeline' : 'Table'}
        </button>
      ))}
    </div>
  )
}

function IconButton({
  label,
  icon,
  onClick,
  disabled,
}: {
  label: string
  icon: ReactNode
  onClick: () => void
  disabled?: boolean
}) {
  return (
    <button type="button" className="af-icon" aria-label={label} title={label} onClick={onClick} disabled={disabled}>
      {icon}
    </button>
  )
}
