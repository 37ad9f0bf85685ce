import { useEffect, useState } from 'react'
import type { Grouping } from '../timeline/lane-rows.ts'
import { type PanelTab, tabTitles } from './context.ts'

/** What is kept from one visit to the next. */
export interface Settings {
  readonly tab: PanelTab
  readonly filter: string
  readonly folding: boolean
  readonly grouping: Grouping
  /** Whether records are kept over a reload, and those of earlier visits shown. */
  readonly keeping: boolean
  /** Share of the detail pane, percent: beside the timeline, and below it. */
  readonly columns: number
  readonly rows: number
}

const usual: Settings = {
  tab: 'timeline',
  filter: '',
  folding: false,
  grouping: 'account',
  keeping: true,
  columns: 24,
  rows: 45,
}
const tabs: readonly unknown[] = Object.keys(tabTitles)
const key = 'authflight.devtools'

/** The panel's settings, kept in `localStorage` where the page may use it. */
export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const [settings, setSettings] = useState(recall)
  useEffect(() => remember(settings), [settings])
  const change = (some: Partial<Settings>) => setSettings((held) => ({ ...held, ...some }))
  return [settings, change]
}

/** Nothing kept is trusted: an older or a foreign entry gives the usual values. */
function recall(): Settings {
  try {
    const kept = (JSON.parse(localStorage.getItem(key) ?? '{}') ?? {}) as Partial<Settings>
    return {
      tab: tabs.includes(kept.tab) ? kept.tab! : usual.tab,
      filter: typeof kept.filter === 'string' ? kept.filter.slice(0, 200) : usual.filter,
      folding: kept.folding === true,
      grouping: kept.grouping === 'tab' ? 'tab' : usual.grouping,
      keeping: kept.keeping !== false,
      columns: share(kept.columns, usual.columns),
      rows: share(kept.rows, usual.rows),
    }
  } catch {
    return usual
  }
}

function share(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 15 && value <= 70 ? value : otherwise
}

/**
 * Names of people stay in this memory: of accounts only numbers are remembered. With a name go the words after it that have no key: they may
 * be the rest of it.
 */
const byName = /(?<!\S)-*account\W(?!\d{1,3}(?!\S))\S*(\s+(?!\S*[:<>=])\S+)*\s*/gi

function remember(settings: Settings): void {
  try {
    localStorage.setItem(key, JSON.stringify({ ...settings, filter: settings.filter.replace(byName, '') }))
  } catch {
    // Site data is blocked: then it is not kept.
  }
}
