import { type AuthRecord, recorderHook } from '@authflight/client'
import { AuthDevtoolsPanel } from '@authflight/devtools/production'
import { createElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { defaultLimit, reserve } from '../../../../packages/devtools/src/model/record-model.ts'
import { flightAt, spansAFlight } from './spans.ts'

/** What is done with the panel while frames are counted. `idle`: nothing, on a page without one. `evicting`: live, while room is made for more. */
export type Motion = 'idle' | 'pan' | 'zoom' | 'full' | 'live' | 'evicting'

/** Drives the panel from inside of the page. */
export interface PanelBench {
  /** Fills the ring with so many spans of the last hour, and opens the panel on it. Milliseconds until it is drawn. */
  open(spans: number): Promise<number>
  close(): void
  /** Milliseconds from frame to frame while the motion goes on. */
  frames(motion: Motion, milliseconds: number): Promise<number[]>
}

const spansASecond = 1_000
const hour = 3_600_000
const now = () => performance.timeOrigin + performance.now()

let root: Root | null = null
let push: (record: AuthRecord) => void = () => {}
let made = 0
let pushed = 0

function tell(records: readonly AuthRecord[]): void {
  for (const record of records) push(record)
  pushed += records.length
}

async function open(spans: number): Promise<number> {
  const flights = spans / spansAFlight
  const begin = now() - hour
  const records = Array.from({ length: flights }, () => flightAt(begin + (hour * made) / flights, made++)).flat()
  pushed = records.length
  recorderHook().register({
    tab: 'tab-0',
    snapshot: () => records,
    subscribe(listener) {
      push = listener
      return () => void (push = () => {})
    },
  })
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
  if (motion === 'pan') for (let step = 0; step < 6; step++) press(timeline, 'w')
  if (motion === 'live') press(timeline, ' ')
  if (motion === 'evicting') await fillUp()
  const times: number[] = []
  const end = performance.now() + milliseconds
  let last = await nextFrame()
  let owed = 0
  for (let frame = 0; performance.now() < end; frame++) {
    if (motion === 'pan') wheel(canvas, { deltaX: frame % 80 < 40 ? 30 : -30 })
    if (motion === 'zoom') wheel(canvas, { deltaY: frame % 120 < 60 ? -20 : 20, ctrlKey: true })
    if (motion === 'full') wheel(canvas, { deltaY: frame % 2 === 0 ? -1 : 1, ctrlKey: true })
    const at = await nextFrame()
    if (isLive) {
      owed += ((at - last) / 1000) * spansASecond
      for (; owed >= spansAFlight; owed -= spansAFlight) tell(flightAt(now() - 120, made++))
    }
    times.push(at - last)
    last = at
  }
  return times
}

/** Until the panel is just about to make room: to have it made takes most of what comes while frames are counted. */
async function fillUp(): Promise<void> {
  const full = defaultLimit * (1 - reserve) - 100
  while (pushed < full) {
    for (let nth = 0; nth < 100 && pushed < full; nth++) tell(flightAt(now() - 120, made++))
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
  open,
  frames,
  close() {
    root?.unmount()
    root = null
  },
}
Object.assign(globalThis, { theBench: () => bench })
