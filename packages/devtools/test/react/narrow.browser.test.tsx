import { afterEach, expect, it } from 'vitest'
import { recording } from './incident.ts'
import { button, click, mountPanel, nextFrame, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const controls = [{ label: 'Refresh', run: () => {} }]

/** An incident, and the refresh that is selected; the heights of the lanes and of the detail pane. */
async function mount(height: number) {
  const { panel, unmount } = await mountPanel({ recording, controls }, { width: 400, height })
  undo.push(unmount)
  await click(button(panel, 'Previous problem'))
  await until(() => panel.querySelector('.af-detail h2') !== null)
  await nextFrame()
  const heightOf = (selector: string) => panel.querySelector<HTMLElement>(selector)!.offsetHeight
  return { panel, lanes: heightOf('.af-lanes'), detail: heightOf('.af-detail') }
}

it.each([160, 240, 405, 470, 560, 900])('a narrow panel of %d pixels has lanes to be seen', async (height) => {
  const { panel, lanes, detail } = await mount(height)
  expect(lanes).toBeGreaterThanOrEqual(60)
  expect(detail === 0 || detail > 90).toBe(true)
  expect(panel.scrollHeight).toBe(height)
})

it('has targets for fingers: the bar above the detail is met 24 pixels wide, the overview is dragged', async () => {
  const { panel } = await mount(700)
  const separator = panel.querySelector('.af-separator')!
  const { left, top } = separator.getBoundingClientRect()
  const met = Array.from({ length: 60 }, (_, at) => at - 30).filter(
    (at) => document.elementFromPoint(left + 100, top + at) === separator,
  )
  expect(met.length).toBeGreaterThanOrEqual(24)
  expect(getComputedStyle(panel.querySelector('.af-overview canvas')!).touchAction).toBe('pan-y')
})

it('has the detail below them where there is room for both', async () => {
  expect((await mount(405)).detail).toBe(0)
  expect((await mount(700)).detail).toBeGreaterThan(150)
})
