import { recorderHook, type AuthRecord } from '@authflight/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recordTime } from '../../src/model/relay.ts'
import { palettes } from '../../src/timeline/palette.ts'
import { flight, moveTo, sourceOf, storm } from '../fixtures.ts'
import { send } from '../protocol.ts'
import { button, click, mountPanel, nextFrame, press, until } from '../react/mount.tsx'

const { tones } = palettes.light

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/**
 * As when the window is moved to another screen. What the protocol changes is told to a frame only when that frame is resized too; the box of the
 * panel has a size of its own, and keeps it.
 */
async function moveToScreen(ratio: number): Promise<void> {
  const frame = frameElement as HTMLElement
  const set = async (deviceScaleFactor: number) => {
    await send('Emulation.setDeviceMetricsOverride', { width: 0, height: 0, deviceScaleFactor, mobile: false })
    frame.style.width = `${400 + deviceScaleFactor}px`
  }
  const { width } = frame.style
  undo.push(() => set(1).then(() => void (frame.style.width = width)))
  await set(ratio)
  await until(() => devicePixelRatio === ratio)
}

/** A panel that shows the flights of this page only. */
async function openPanel(records: readonly AuthRecord[]) {
  localStorage.setItem('authflight.devtools', JSON.stringify({ keeping: false }))
  undo.push(recorderHook().register(sourceOf(moveTo(records, recordTime(), 2_000))))
  const { panel, unmount } = await mountPanel({ theme: 'light' })
  undo.push(unmount)
  await until(() => panel.querySelectorAll('.af-lane-labels li').length > 0)
  const canvasIn = (place: string) => panel.querySelector<HTMLCanvasElement>(`${place} canvas`)!
  return { panel, timeline: canvasIn('.af-stage'), overview: canvasIn('.af-overview') }
}

/** Nothing asks for a frame any more. */
async function standStill(canvas: HTMLCanvasElement): Promise<void> {
  const drawn = vi.spyOn(canvas, 'getContext')
  for (let still = 0; still < 10; still++) {
    const before = drawn.mock.calls.length
    await nextFrame()
    if (drawn.mock.calls.length > before) still = 0
  }
  drawn.mockRestore()
}

/** The colours along a line of device pixels, each with how many pixels it lasts. */
function runsOf(canvas: HTMLCanvasElement, x: number, y: number, width: number, height: number) {
  const { data } = canvas.getContext('2d')!.getImageData(x, y, width, height)
  const runs: { colour: string; length: number }[] = []
  for (let at = 0; at < data.length; at += 4) {
    const colour = `#${[...data.subarray(at, at + 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`
    const last = runs.at(-1)
    if (last?.colour === colour) last.length++
    else runs.push({ colour, length: 1 })
  }
  return runs
}

/** Down through the flight that is selected, right of its words: outline, inside, outline. */
function cutThroughFlight(panel: Element, canvas: HTMLCanvasElement) {
  const frame = panel.querySelector('.af-selection')!.getBoundingClientRect()
  const x = Math.round((frame.right - 12 - canvas.getBoundingClientRect().left) * devicePixelRatio)
  const runs = runsOf(canvas, x, 0, 1, canvas.height)
  const inside = runs.findIndex(({ colour }) => colour === tones.good.fill)
  return runs.slice(inside - 1, inside + 2)
}

describe.each([1, 2])('at a pixel ratio of %d', (ratio) => {
  const sharp = (inside: number) => [
    { colour: tones.good.edge, length: ratio },
    { colour: tones.good.fill, length: inside * ratio },
    { colour: tones.good.edge, length: ratio },
  ]

  it('an outline is one CSS pixel, without a blended pixel beside it', async () => {
    await moveToScreen(ratio)
    const { panel, timeline } = await openPanel(storm())
    await click(button(panel, 'Show'))
    const cut = cutThroughFlight(panel, timeline)
    expect(cut).toEqual(sharp(cut[1]!.length / ratio))
    expect(timeline.width).toBe(timeline.clientWidth * ratio)
  })

  it('what stands still is drawn anew when it comes there from another screen', async () => {
    await moveToScreen(3 - ratio)
    const { panel, timeline, overview } = await openPanel(storm())
    await click(button(panel, 'Show'))
    await standStill(timeline)
    for (const next of [ratio, 3 - ratio, ratio]) {
      await moveToScreen(next)
      await until(() => timeline.width === timeline.clientWidth * next)
    }
    const cut = cutThroughFlight(panel, timeline)
    expect(cut).toEqual(sharp(cut[1]!.length / ratio))
    expect(overview.width).toBe(overview.clientWidth * ratio)
    const column = runsOf(overview, 0, overview.height - 2 * ratio, overview.width, 1)
    expect(column.find(({ colour }) => colour === tones.wait.edge)?.length).toBe(3 * ratio)
  })
})

it('spans too many for shapes are the same picture on both screens', async () => {
  await moveToScreen(1)
  const many = Array.from({ length: 4_000 }, (_, index) => flight({ at: index * 40, lasting: 1 + (index % 10) })).flat()
  const { panel, timeline } = await openPanel([...many, ...flight({ at: 200_000, lasting: 10 })])
  await press(panel.querySelector('[role=application]')!, 'f')
  const isSpan = ({ colour }: { colour: string }) => colour === tones.good.edge
  /** A line of the picture up to its last span: behind it is the time that has not come. */
  const spansAt = (y: number) => {
    const runs = runsOf(timeline, 0, y, timeline.width, 1)
    return runs.slice(0, runs.findLastIndex(isSpan) + 1)
  }
  const lines = Array.from({ length: timeline.height }, (_, y) => spansAt(y))
  const dense = lines.findIndex((runs) => runs.some((run) => isSpan(run) && run.length > 20))
  const twice = lines[dense]!.map(({ colour, length }) => ({ colour, length: length * 2 }))
  expect(twice.filter(isSpan).length).toBeGreaterThan(1)
  await moveToScreen(2)
  await until(() => timeline.width === timeline.clientWidth * 2)
  for (const y of [dense * 2, dense * 2 + 1]) expect(spansAt(y)).toEqual(twice)
  expect(spansAt(dense * 2 - 1)).not.toEqual(twice)
})
