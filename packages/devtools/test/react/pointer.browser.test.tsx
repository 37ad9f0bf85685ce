import { recorderHook } from '@authflight/client'
import { act } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { page } from 'vitest/browser'
import { recordTime } from '../../src/model/relay.ts'
import type { AuthDevtoolsPanelProps } from '../../src/react/index.ts'
import { palettes } from '../../src/timeline/palette.ts'
import { flight, moveTo, sourceOf } from '../fixtures.ts'
import { mouseOn } from '../mouse.ts'
import { recording } from './incident.ts'
import { button, click, mountPanel, nextFrame, press, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function mount(props: AuthDevtoolsPanelProps = { recording }) {
  const { panel, unmount } = await mountPanel({ ...props, theme: 'light' })
  undo.push(unmount)
  return panel
}

/** Puts the mouse on the newest refresh. */
async function pointAtNewest(panel: Element) {
  const timeline = panel.querySelector('[role=application]')!
  await press(timeline, 'k')
  const canvas = panel.querySelector<HTMLElement>('.af-stage canvas')!
  const mouse = mouseOn(canvas)
  const tooltip = () => panel.querySelector<HTMLElement>('.af-tooltip')
  // What comes late above the timeline moves it down.
  while (!tooltip()) {
    const [box, bar] = [canvas, panel.querySelector('.af-selection')!].map((part) => part.getBoundingClientRect())
    await act(() => mouse.moveTo(bar!.left - box!.left + 6, bar!.top - box!.top + 6))
    await nextFrame()
  }
  return { timeline, mouse, tooltip }
}

it('what is under the mouse is told beside it, inside of the window, until the mouse leaves', async () => {
  await page.viewport(1_000, 500)
  const { mouse, tooltip } = await pointAtNewest(await mount())
  expect(tooltip()!.querySelector('strong')?.textContent).toBe('Refresh #2')
  expect(tooltip()!.textContent).toContain('HTTP400')
  const { left, top, right, bottom } = tooltip()!.getBoundingClientRect()
  expect([left >= 0, top >= 0, right <= innerWidth, bottom <= innerHeight]).toEqual([true, true, true, true])

  await act(() => mouse.moveTo(10, -60))
  await until(() => tooltip() === null)
})

it('what is no longer under the mouse is told no longer, though the mouse stays', async () => {
  const { timeline, tooltip } = await pointAtNewest(await mount())
  await press(timeline, 'd', 'd', 'd')
  await until(() => tooltip() === null)
})

it('what becomes of what is under the mouse is told as it becomes known, until it is forgotten', async () => {
  const [open] = moveTo(flight({ at: 0, lasting: null }), recordTime(), 2_000)
  const source = sourceOf([open!])
  undo.push(recorderHook().register(source))
  const panel = await mount({})
  // Else the bar would go on to the left.
  await click(button(panel, 'Live'))
  const { tooltip } = await pointAtNewest(panel)
  expect(tooltip()!.textContent).toContain('Refresh #1 open')
  const ended = {
    ...open!,
    endedAt: recordTime(),
    attributes: { ...open!.attributes, 'authflight.refresh.outcome': 'rotated' },
  }
  await act(async () => source.push(ended))
  await until(() => tooltip()!.textContent.includes('Refresh #1 rotated'))
  const menu = panel.querySelector<HTMLElement>('.af-menu')!
  await act(async () => menu.showPopover())
  await until(() => button(menu, 'Clear') !== undefined)
  await click(button(menu, 'Clear'))
  await click(button(menu, 'Clear'))
  await until(() => tooltip() === null)
})

/** The words and numbers that a canvas was last painted with, each with the colour a little above it. */
function watchWords(canvas: HTMLCanvasElement): () => { text: string; above: string }[] {
  const told: { text: string; x: number; y: number }[] = []
  const { fillText } = CanvasRenderingContext2D.prototype
  const spy = vi.spyOn(CanvasRenderingContext2D.prototype, 'fillText').mockImplementation(function (
    this: CanvasRenderingContext2D,
    ...[text, x, y]: Parameters<typeof fillText>
  ) {
    if (this.canvas === canvas) told.push({ text, ...this.getTransform().transformPoint({ x, y }).toJSON() })
    fillText.call(this, text, x, y)
  })
  undo.push(() => spy.mockRestore())
  return () =>
    told.splice(0).map(({ text, x, y }) => {
      const data = canvas.getContext('2d')!.getImageData(x + 3, y - 6 * devicePixelRatio, 1, 1).data
      return { text, above: `#${[...data.subarray(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}` }
    })
}

it('Show race paints the numbers of the steps on the timeline, and fills the one that is looked at', async () => {
  const panel = await mount()
  const canvas = panel.querySelector<HTMLCanvasElement>('.af-stage canvas')!
  const painted = watchWords(canvas)
  const numbers = async () => {
    painted()
    await press(panel.querySelector('[role=application]')!, 'm', 'm')
    return painted()
  }
  await click(button(panel, 'Show race'))
  await nextFrame()
  const { accent, ground } = palettes.light
  const steps = (looked: number) =>
    [1, 2, 3, 4, 5].map((number) => ({ text: String(number), above: number === looked ? accent : ground }))
  expect((await numbers()).slice(-5)).toEqual(steps(1))
  await press(panel.querySelector('[role=application]')!, 'ArrowRight', 'ArrowRight')
  expect((await numbers()).slice(-5)).toEqual(steps(3))
})
