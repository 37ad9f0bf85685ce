import { type AuthRecord, recorderHook } from '@authflight/client'
import { AuthDevtoolsPanel } from '@authflight/devtools/production'
import { createElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { defaultLimit, reserve } from '../../../../packages/devtools/src/model/record-model.ts'
import { asTheyHappen, flightAt, spansAFlight, type Told } from './spans.ts'

/**
 * What is done with the panel while frames are counted. `idle`: nothing, on a page without one. `pan`: sideways, with all spans in view all the
 * time. `pan up close`: sideways, where about two thousand are in view, each with a shape of its own. `zoom`: in from all spans to the
 * middle, and out again. `full`: in and out by less than a pixel, with all in view. `live`: following, while flights begin and end. `evicting`: the
 * same while room is made for more.
 */
export type Motion = 'idle' | 'pan' | 'pan up close' | 'zoom' | 'full' | 'live' | 'evicting'

/** Drives the panel from inside of the page. */
export interface PanelBench {
  /** Fills the ring with so many spans of the last hour. */
  record(spans: number): void
  /** Opens the panel on the ring. Milliseconds until its first picture. */
  open(): Promise<number>
  close(): void
  /** Milliseconds from frame to frame while the motion goes on. */
  frames(motion: Motion, milliseconds: number): Promise<number[]>
}

const spansASecond = 1_000
/** So many times 1.5 nearer, of a hundred thousand spans about two thousand are in view, few enough for shapes. */
const closer = 10
const hour = 3_600_000
const now = () => performance.timeOrigin + performance.now()

let root: Root | null = null
const listeners = new Set<(record: AuthRecord) => void>()
let made = 0
let pushed = 0

/** What live flights are yet to say. */
let coming: Told[] = []

function record(spans: number): void {
  const flights = spans / spansAFlight
  const first = now() - hour
  const records = Array.from({ length: flights }, () => flightAt(first + (hour * made) / flights, made++)).flat()
  pushed = records.length
  recorderHook().register({
    tab: 'tab-0',
    snapshot: () => records,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  })
}

function push(record: AuthRecord): void {
  for (const listener of listeners) listener(record)
}

/** Flights that are over before they are told of. */
function tellEnded(): void {
  const records = flightAt(now() - 120, made++)
  for (const each of records) push(each)
  pushed += records.length
}

function begin(): void {
  const records = flightAt(now(), made++)
  coming.push(...asTheyHappen(records))
  pushed += records.length
}

/** Says what has happened until a time, in order. */
function tellUntil(time: number): void {
  const due = coming.filter(({ at }) => at <= time).toSorted((a, b) => a.at - b.at)
  coming = coming.filter(({ at }) => at > time)
  for (const told of due) push(told.record)
}

async function open(): Promise<number> {
  const started = performance.now()
  root = createRoot(document.getElementById('panel')!)
  root.render(createElement(AuthDevtoolsPanel, { theme: 'light' }))
  while (document.querySelector('.af-tick') === null) await nextFrame()
  return performance.now() - started
}

async function frames(motion: Motion, milliseconds: number): Promise<number[]> {
  const isLive = motion === 'live' || motion === 'evicting'
  const timeline = document.querySelector<HTMLElement>('[role=application]')
  const canvas = document.querySelector<HTMLElement>('.af-stage canvas')
  if (motion !== 'idle' && !isLive) press(timeline, 'f')
  if (motion === 'pan up close') for (let step = 0; step < closer; step++) press(timeline, 'w')
  if (motion === 'live') press(timeline, ' ')
  if (motion === 'evicting') await fillUp()
  const times: number[] = []
  const end = performance.now() + milliseconds
  let last = await nextFrame()
  let owed = 0
  for (let frame = 0; performance.now() < end; frame++) {
    if (motion === 'pan') wheel(canvas, { deltaX: frame % 40 < 20 ? 2 : -2 })
    if (motion === 'pan up close') wheel(canvas, { deltaX: frame % 80 < 40 ? 30 : -30 })
    if (motion === 'zoom') wheel(canvas, { deltaY: frame % 120 < 60 ? -20 : 20, ctrlKey: true })
    if (motion === 'full') wheel(canvas, { deltaY: frame % 2 === 0 ? -1 : 1, ctrlKey: true })
    const at = await nextFrame()
    if (isLive) {
      owed += ((at - last) / 1000) * spansASecond
      for (; owed >= spansAFlight; owed -= spansAFlight) begin()
      tellUntil(now())
    }
    times.push(at - last)
    last = at
  }
  // What is open would go on moving the panel.
  tellUntil(Infinity)
  return times
}

/** Until the panel is just about to make room: to have it made takes most of what comes while frames are counted. */
async function fillUp(): Promise<void> {
  const full = defaultLimit * (1 - reserve) - 100
  while (pushed < full) {
    for (let nth = 0; nth < 100 && pushed < full; nth++) tellEnded()
    await nextFrame()
  }
}

function press(target: HTMLElement | null, key: string): void {
  const code = key === ' ' ? 'Space' : key
  target?.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))
}

function wheel(target: HTMLElement | null, init: WheelEventInit): void {
  const box = target!.getBoundingClientRect()
  const place = { clientX: box.left + box.width / 2, clientY: box.top + 40 }
  target!.dispatchEvent(new WheelEvent('wheel', { ...place, ...init, bubbles: true, cancelable: true }))
}

const nextFrame = () => new Promise<number>((done) => void requestAnimationFrame(done))

const bench: PanelBench = {
  record,
  open,
  frames,
  close() {
    root?.unmount()
    root = null
  },
}
Object.assign(globalThis, { theBench: () => bench })
