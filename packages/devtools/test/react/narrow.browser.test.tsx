import { afterEach, describe, expect, it } from 'vitest'
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

it.each([160, 240, 333, 405, 470, 560, 900])(
  'a narrow panel of %d pixels has lanes to be seen, and below them what was selected',
  async (height) => {
    const { panel, lanes, detail } = await mount(height)
    expect(lanes).toBeGreaterThanOrEqual(60)
    expect(detail).toBeGreaterThanOrEqual(100)
    expect(panel.scrollHeight).toBe(height)
    const body = panel.querySelector('.af-body')!
    body.scrollTop = body.scrollHeight
    const { top, bottom } = panel.querySelector('.af-detail')!.getBoundingClientRect()
    const box = body.getBoundingClientRect()
    expect([top >= box.top, bottom <= box.bottom]).toEqual([true, true])
  },
)

it('has no line of figures, but on the tab that tells of them', async () => {
  const { panel } = await mount(420)
  const figures = panel.querySelector<HTMLElement>('.af-stats')!
  expect(figures.offsetHeight).toBe(0)
  await click(button(panel, 'Stats'))
  await until(() => panel.querySelector('.af-tiles') !== null)
  expect(figures.offsetHeight).toBeGreaterThan(0)
})

describe('the toolbar', () => {
  // 640 is a window of 1280 pixels at 200 %.
  it.each([320, 360, 480, 534, 560, 639, 640, 660, 680, 684, 699, 700, 859, 860])(
    'is inside of a panel of %d pixels, in every tab, whether it records or is paused',
    async (width) => {
      const { panel, unmount } = await mountPanel({ controls }, { width, height: 420 })
      undo.push(unmount)
      const body = panel.querySelector('.af-body')!
      const { left, right } = panel.getBoundingClientRect()
      for (const tab of ['Timeline', 'Table', 'Why?', 'Stats', 'Timeline']) {
        await click(button(panel, tab))
        for (const each of panel.querySelectorAll('.af-toolbar :is(button, input)')) {
          const box = each.getBoundingClientRect()
          expect([each.outerHTML.slice(0, 90), box.left >= left && box.right <= right]).toEqual([
            each.outerHTML.slice(0, 90),
            true,
          ])
        }
        expect(body.scrollWidth).toBe(body.clientWidth)
        if (tab === 'Stats') await click(button(panel, 'Rec'))
      }
      expect(button(panel, 'Paused')).toBeDefined()
    },
  )

  it('is one line where that fits, else one of tabs and one of the rest', async () => {
    for (const [width, lines] of [
      [640, 1],
      [360, 2],
    ] as const) {
      const { panel, unmount } = await mountPanel({}, { width, height: 420 })
      const tops = ['Timeline', 'Live', 'More'].map((name) => {
        const { top, height } = button(panel, name)!.getBoundingClientRect()
        return Math.round(top + height / 2)
      })
      const far = tops.filter((top) => Math.abs(top - tops[2]!) > 10).length
      expect([width, far]).toEqual([width, lines - 1])
      await unmount()
    }
  })
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

it('says what was selected without a scroll in the dock of a telephone', async () => {
  const { panel, unmount } = await mountPanel({ recording }, { width: 360, height: 365 })
  undo.push(unmount)
  await click(button(panel, 'Previous problem'))
  await until(() => panel.querySelector('.af-detail h2') !== null)
  await nextFrame()
  const title = panel.querySelector('.af-detail h2')!.getBoundingClientRect()
  expect(title.height).toBeGreaterThan(0)
  expect(title.bottom).toBeLessThan(panel.getBoundingClientRect().bottom)
  expect(panel.querySelector('.af-body')!.scrollTop).toBe(0)
})

it('leaves the overview out where there is no room for it and the detail', async () => {
  const overview = async (height: number) =>
    (await mount(height)).panel.querySelector<HTMLElement>('.af-overview-line')!.offsetHeight
  expect(await overview(333)).toBe(0)
  expect(await overview(700)).toBe(32)
})

it('has more of the detail where there is more room', async () => {
  expect((await mount(700)).detail).toBeGreaterThan(150)
})
