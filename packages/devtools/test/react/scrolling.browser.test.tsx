import type { AuthRecord } from '@authflight/client'
import { act } from 'react'
import { afterEach, expect, it } from 'vitest'
import { page } from 'vitest/browser'
import { flight, record, signedIn } from '../fixtures.ts'
import { mouseOn } from '../mouse.ts'
import { button, click, mountPanel, nextFrame, press, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const where = (number: number) => ({ tab: `tab-${number}`, client: `client-${number}` })

/** Twenty tabs of one session: the first rotates, the last presents the old generation and is refused. */
function twentyTabs(): AuthRecord[] {
  const between = Array.from({ length: 18 }, (_, index) =>
    flight({ ...where(index + 2), at: 1_200 + index, lasting: 50, outcome: 'adopted', status: null }),
  )
  return [
    ...signedIn(0, where(1)),
    ...flight({ ...where(1), at: 1_000, lasting: 100 }),
    ...between.flat().filter(({ name }) => name === 'authflight.refresh'),
    ...flight({ ...where(20), at: 1_300, lasting: 100, outcome: 'rejected', status: 400, error: 'invalid_grant' }),
    record('authflight.session_end', 1_400, 0, {
      ...where(20),
      attributes: { 'session_end.reason': 'rejected', 'session.id': 's1' },
    }),
  ]
}

async function mount() {
  const { panel, unmount } = await mountPanel({ recording: { v: 1, records: twentyTabs() } })
  undo.push(unmount)
  await nextFrame()
  return { panel, timeline: panel.querySelector('.af-lanes')! }
}

/** Whether the frame of what is selected is wholly among the lanes that are in sight. */
function isInSight(panel: Element): boolean {
  const selection = panel.querySelector<HTMLElement>('.af-selection')!
  const [frame, lanes] = [selection, panel.querySelector('.af-lanes')!].map((each) => each.getBoundingClientRect())
  return !selection.hidden && frame!.top >= lanes!.top && frame!.bottom <= lanes!.bottom
}

it('each step of an incident scrolls to its line, in whatever tab it is', async () => {
  const { panel, timeline } = await mount()
  await click(button(panel, 'Show race'))
  await until(() => panel.querySelector('.af-race') !== null)
  const count = Number(panel.querySelector('.af-race')!.textContent.match(/of (\d+)/)![1])
  expect(isInSight(panel)).toBe(true)
  for (let step = 1; step < count; step++) {
    await press(timeline, 'ArrowRight')
    expect([step, isInSight(panel)]).toEqual([step, true])
  }
  expect(timeline.scrollTop).toBeGreaterThan(200)
  for (let step = 1; step < count; step++) await press(timeline, 'ArrowLeft')
  expect([isInSight(panel), timeline.scrollTop < 100]).toEqual([true, true])
})

it('the keys that select scroll to the line, and what was selected in the table is in sight on the timeline', async () => {
  const { panel, timeline } = await mount()
  for (const key of ['p', 'k', 'k', 'k', 'j']) {
    await press(timeline, key)
    expect([key, isInSight(panel)]).toEqual([key, true])
  }
  expect(timeline.scrollTop).toBeGreaterThan(200)
  await click(button(panel, 'Table'))
  await until(() => panel.querySelector('.af-row') !== null)
  await click(
    [...panel.querySelectorAll<HTMLElement>('.af-row')].find((row) => row.textContent.includes('POST token 200')),
  )
  await click(button(panel, 'Timeline'))
  await until(() => isInSight(panel))
})

it('stays where the reader scrolls to, once it has shown what is selected', async () => {
  const { panel, timeline } = await mount()
  await press(timeline, 'p')
  timeline.scrollTop = 0
  await press(timeline, 'd')
  expect(timeline.scrollTop).toBe(0)
  await press(timeline, 'Enter')
  expect(isInSight(panel)).toBe(true)
})

it('stays where it is when a bar is clicked that is half out of sight: a second click shall meet it too', async () => {
  const [width, height] = [innerWidth, innerHeight]
  undo.push(() => page.viewport(width, height))
  await page.viewport(1_000, 500)
  const { panel, timeline } = await mount()
  await press(timeline, 'p', 'k', 'k', 'k', 'k', 'k', 'k')
  const selection = panel.querySelector<HTMLElement>('.af-selection')!
  const canvas = panel.querySelector<HTMLElement>('.af-stage canvas')!
  timeline.scrollTop += selection.getBoundingClientRect().bottom - timeline.getBoundingClientRect().top - 12
  await nextFrame()
  const frame = selection.getBoundingClientRect()
  expect(frame.top).toBeLessThan(canvas.getBoundingClientRect().top)
  const { scrollTop } = timeline
  await press(timeline, 'Escape')
  expect(selection.hidden).toBe(true)
  const mouse = mouseOn(canvas)
  await act(() => mouse.moveTo(frame.left - canvas.getBoundingClientRect().left + 6, 6))
  await act(() => mouse.press())
  await act(() => mouse.release())
  await until(() => !selection.hidden)
  await nextFrame()
  expect(timeline.scrollTop).toBe(scrollTop)
})
