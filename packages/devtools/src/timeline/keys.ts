import { createKeybindingsHandler } from 'tinykeys'
import { type Direction, stepFlight, stepPart } from './steps.ts'
import type { TimelineView } from './view.ts'

export interface KeyActions {
  readonly view: TimelineView
  readonly scrollBy: (pixels: number) => void
  readonly focusFilter: () => void
  readonly showKeys: () => void
  readonly showRace: () => void
  readonly stepProblem: (direction: Direction) => void
  readonly focusView: () => void
  readonly toggleFolding: () => void
}

/**
 * Keys of the panel, heard only while something in it has focus. Letters work everywhere but in fields; keys that buttons and lists
 * have uses for of their own work on the timeline alone.
 */
export function createKeys({ view, ...act }: KeyActions): (event: KeyboardEvent) => void {
  const page = () => view.scale.width / 6
  const middle = () => view.scale.width / 2
  const anywhere = {
    a: () => view.pan(-page()),
    d: () => view.pan(page()),
    w: () => view.zoom(1.5, middle()),
    s: () => view.zoom(1 / 1.5, middle()),
    '[Shift]++': () => view.zoom(1.5, middle()),
    '-': () => view.zoom(1 / 1.5, middle()),
    f: () => view.fit(),
    n: () => act.stepProblem(1),
    p: () => act.stepProblem(-1),
    j: () => stepFlight(view, 1),
    k: () => stepFlight(view, -1),
    m: () => view.toggleMarker(),
    g: act.toggleFolding,
    r: act.showRace,
    '[Shift]+/': act.focusFilter,
    '[Shift]+?': act.showKeys,
  }
  const onTimeline = {
    ArrowLeft: () => (view.race === null ? view.pan(-page()) : view.stepRace(-1)),
    ArrowRight: () => (view.race === null ? view.pan(page()) : view.stepRace(1)),
    'Shift+ArrowLeft': () => stepPart(view, -1),
    'Shift+ArrowRight': () => stepPart(view, 1),
    ArrowUp: () => act.scrollBy(-32),
    ArrowDown: () => act.scrollBy(32),
    Space: () => view.setLive(!view.live),
    Enter: () => void (view.selected !== null && view.reveal(view.selected, true)),
  }
  const leave = () => {
    if (view.race === null) view.select(null)
    else view.showRace(null)
    act.focusView()
  }
  const all = {
    ...handled(anywhere, () => true),
    ...handled(onTimeline, isTimeline),
    // Where there is nothing to leave, the key is for what is around the panel.
    ...handled({ Escape: leave }, () => view.race !== null || view.selected !== null),
  }
  // A key that is held down goes on panning.
  return createKeybindingsHandler(all, { ignore: ({ isComposing }) => isComposing })
}

function handled(keys: Record<string, () => void>, applies: (event: KeyboardEvent) => boolean) {
  const entries = Object.entries(keys).map(([key, act]) => {
    const onKey = (event: KeyboardEvent) => {
      if (!applies(event)) return
      event.preventDefault()
      act()
    }
    return [key, onKey] as const
  })
  return Object.fromEntries(entries)
}

function isTimeline({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.getAttribute('role') === 'application'
}
