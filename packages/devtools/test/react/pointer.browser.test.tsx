import { act } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { page } from 'vitest/browser'
import { palettes } from '../../src/timeline/palette.ts'
import { mouseOn } from '../mouse.ts'
import { recording } from './incident.ts'
import { button, click, mountPanel, nextFrame, press, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function mount() {
  const { panel, unmount } = await mountPanel({ recording, theme: 'light' })
  undo.push(unmount)
  return panel
}

it('what is under the mouse is told beside it, inside of the window, until the mouse leaves', async () => {
  await page.viewport(1_000, 500)
  const panel = await mount()
  await press(panel.querySelector('[role=application]')!, 'k')
  const canvas = panel.querySelector<HTMLElement>('.af-stage canvas')!
  const [box, bar] = [canvas, panel.querySelector('.af-selection')!].map((part) => part.getBoundingClientRect())
  const mouse = mouseOn(canvas)
  const tooltip = () => panel.querySelector<HTMLElement>('.af-tooltip')

  await act(() => mouse.moveTo(bar!.left - box!.left + 6, bar!.top - box!.top + 6))
  await until(() => tooltip() !== null)
  expect(tooltip()!.querySelector('strong')?.textContent).toBe('Refresh #2')
  expect(tooltip()!.textContent).toContain('HTTP400')
  const { left, top, right, bottom } = tooltip()!.getBoundingClientRect()
  expect([left >= 0, top >= 0, right <= innerWidth, bottom <= innerHeight]).toEqual([true, true, true, true])

  await act(() => mouse.moveTo(10, -60))
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
