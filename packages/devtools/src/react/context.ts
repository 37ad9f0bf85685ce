import { createContext, useContext } from 'react'
import type { RecordModel } from '../model/record-model.ts'
import type { Direction } from '../timeline/steps.ts'
import type { Theme } from '../timeline/palette.ts'
import type { TimelineView } from '../timeline/view.ts'
import type { Names } from '../model/whose.ts'
import type { Settings } from './settings.ts'

export const tabTitles = { timeline: 'Timeline', table: 'Table', why: 'Why?', stats: 'Stats' } as const
export type PanelTab = keyof typeof tabTitles

/** What all parts of one panel share. */
export interface Panel {
  readonly model: RecordModel
  readonly view: TimelineView
  readonly names: Names
  readonly theme: Theme
  readonly settings: Settings
  readonly change: (settings: Partial<Settings>) => void
  /** It shows a file, not this page. */
  readonly isFile: boolean
  /** Where the app's backend shows a trace. */
  readonly traceUrl: ((traceId: string) => string | undefined) | undefined
  /** Goes to the timeline and gives it the keyboard. */
  readonly toTimeline: () => void
  /** Gives the keyboard to what the tab shows, before what has it goes. */
  readonly focusView: () => void
  /** Goes to the problem after or before what is selected: where incidents are told, to one of those. */
  readonly stepProblem: (direction: Direction) => void
  /** Says something once, in a line that closes. */
  readonly say: (message: string) => void
}

export const PanelContext = createContext<Panel | null>(null)

export function usePanel(): Panel {
  const panel = useContext(PanelContext)
  if (panel === null) throw new Error('This is a part of the panel and stands inside of it only.')
  return panel
}
