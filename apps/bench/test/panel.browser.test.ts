import { type AuthRecord, recorderHook } from '@authflight/client'
import { beforeAll, expect, test } from 'vitest'
import type { Motion, PanelBench } from '../src/panel/page.ts'

declare function theBench(): PanelBench

const spans = 10_000
const told: AuthRecord[] = []
/** What there was when the heap without a panel is measured. */
let before: { readonly records: number; readonly isOpen: boolean }

beforeAll(async () => {
  document.body.innerHTML = '<div id="panel" style="height: 600px; width: 1200px"></div>'
  await import('../src/panel/page.ts')
  theBench().record(spans)
  recorderHook().subscribe((source) => {
    before = { records: source.snapshot().length, isOpen: document.querySelector('[role=application]') !== null }
    source.subscribe((record) => void told.push(record))
  })
  await theBench().open()
  return () => theBench().close()
})

test('all records are there before the panel is, so that none of them counts for its heap', () => {
  expect(before.records).toBeGreaterThanOrEqual(spans)
  expect(before.isOpen).toBe(false)
})

/** How much time is in view after a motion, as the panel says it. */
async function seenAfter(motion: Motion): Promise<string> {
  await theBench().frames(motion, 300)
  return document.querySelector('.af-axis-line .af-gutter')?.textContent ?? ''
}

test('`pan` has the whole hour in view, `pan up close` about a minute of it', async () => {
  expect(await seenAfter('pan')).toMatch(/^1 h/)
  expect(await seenAfter('pan up close')).toMatch(/^1 min/)
})

test('live operations are open first and have all ended by the end', async () => {
  told.length = 0
  const toldOf = (over: boolean): AuthRecord[] => told.filter((record) => 'endedAt' in record === over)
  // A motion goes by frames, and a busy machine may draw none in its time.
  do await theBench().frames('live', 500)
  while (toldOf(false).length <= 100)

  const [open, ended] = [toldOf(false), toldOf(true)]
  const ends = new Set(ended.map(({ id }) => id))
  expect(open.filter(({ id }) => !ends.has(id))).toEqual([])
})
