import { ChevronLeft, ChevronRight, Circle, CircleDot, Maximize2, ZoomIn, ZoomOut } from 'lucide'
import type { KeyboardEvent } from 'react'
import type { Opened } from '../auth-devtools-panel.tsx'
import { type PanelTab, tabTitles, usePanel } from '../context.ts'
import { FilterField } from './filter-field.tsx'
import { useStore, useView } from '../hooks/use-store.ts'
import { IconButton } from '../widgets/icon-button.tsx'
import { Menu } from '../widgets/menu.tsx'
import { Icon } from '../widgets/icon.tsx'

interface ToolbarProps {
  /** Id of the element that holds the view of the tab. */
  readonly controls: string
  readonly recording: boolean
  readonly onRecording: (recording: boolean) => void
  readonly onOpen: (opened: Opened) => void
  readonly onKeys: () => void
}

const tabs = Object.keys(tabTitles) as PanelTab[]

/** The first line: which view, what is looked for, whether it records and follows, and the ways to move. */
export function Toolbar({ controls, recording, onRecording, onOpen, onKeys }: ToolbarProps) {
  const { model, view, settings, isFile, stepProblem } = usePanel()
  useStore(model, 250)
  const live = useView(view, () => view.live)
  const problems = model.problems.length
  const middle = () => view.scale.width / 2
  const isTimeline = settings.tab === 'timeline'
  const isFiltered = isTimeline || settings.tab === 'table'
  return (
    <div className="af-toolbar">
      <span className="af-title">Auth</span>
      <Tabs controls={controls} />
      <div className="af-tools">
        {isFiltered ? <FilterField /> : <span className="af-space" />}
        {isTimeline && !isFile && (
          <button
            type="button"
            className="af-pill"
            aria-pressed={live}
            onClick={() => view.setLive(!live)}
            title="Follow now (space)"
          >
            <Icon of={CircleDot} /> Live
          </button>
        )}
        {!isFile && (
          <button
            type="button"
            className="af-pill af-record"
            aria-pressed={recording}
            onClick={() => onRecording(!recording)}
            title={recording ? 'Pause; what happens meanwhile is read on resuming' : 'Read records again'}
          >
            <Icon of={Circle} fill={recording ? 'currentColor' : 'none'} /> {recording ? 'Rec' : 'Paused'}
          </button>
        )}
        {isTimeline && (
          <span className="af-cluster">
            <IconButton label="Zoom out (s)" onClick={() => view.zoom(1 / 1.6, middle())} icon={ZoomOut} />
            <IconButton label="Zoom in (w)" onClick={() => view.zoom(1.6, middle())} icon={ZoomIn} />
            <IconButton label="Fit everything (f)" onClick={() => view.fit()} icon={Maximize2} />
          </span>
        )}
        {settings.tab !== 'stats' && (
          <span className="af-cluster" role="group" aria-label="Problems">
            <IconButton
              label="Previous problem (p)"
              aria-disabled={problems === 0}
              onClick={() => stepProblem(-1)}
              icon={ChevronLeft}
            />
            <span className="af-count" data-some={problems > 0 || undefined}>
              {problems} <span className="af-wide-only">{problems === 1 ? 'problem' : 'problems'}</span>
            </span>
            <IconButton
              label="Next problem (n)"
              aria-disabled={problems === 0}
              onClick={() => stepProblem(1)}
              icon={ChevronRight}
            />
          </span>
        )}
        <Menu onOpen={onOpen} onKeys={onKeys} />
      </div>
    </div>
  )
}

function Tabs({ controls }: { readonly controls: string }) {
  const { settings, change } = usePanel()
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const other = tabs[(tabs.indexOf(settings.tab) + by + tabs.length) % tabs.length]!
    change({ tab: other })
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
          aria-selected={settings.tab === name}
          aria-controls={controls}
          tabIndex={settings.tab === name ? 0 : -1}
          onClick={() => change({ tab: name })}
        >
          {tabTitles[name]}
        </button>
      ))}
    </div>
  )
}
