import { afterEach, expect, it, vi } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { palettes } from '../../src/timeline/palette.ts'
import { Stage } from '../../src/timeline/stage.ts'
import { TimelineView } from '../../src/timeline/view.ts'
import { flight } from '../fixtures.ts'
import { until } from '../react/mount.tsx'
import { makeElements } from './elements.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

/** Enough for a stage to draw again if it would. */
async function frames(): Promise<void> {
  for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame)
}

/** Follows what is recorded, on a clock of its own on which each picture takes so many milliseconds. */
async function openSlowStage(took: number) {
  vi.useFakeTimers({ toFake: ['performance'] })
  undo.push(() => vi.useRealTimers())
  const model = new RecordModel()
  const view = new TimelineView(model)
  let drawn = 0
  const stage = new Stage(view, makeElements(undo), {
    palette: palettes.light,
    reducedMotion: false,
    onRows() {},
    onDraw() {
      drawn++
      vi.advanceTimersByTime(took)
    },
  })
  stage.start()
  undo.push(() => stage.stop())
  await until(() => drawn > 0)
  await frames()
  return { model, view, stage, drawn: () => drawn }
}

/** What comes is drawn three times as long after the last picture as that took, and not before. */
async function expectRest({ model, drawn }: Awaited<ReturnType<typeof openSlowStage>>): Promise<void> {
  const before = drawn()
  model.addAll(flight({ at: 0, lasting: 10 }))
  await frames()
  expect(drawn()).toBe(before)
  vi.advanceTimersByTime(60)
  await until(() => drawn() > before)
}

it('draws what comes by itself for a quarter of the time at most, where drawing takes long', async () => {
  await expectRest(await openSlowStage(20))
})

it('draws what its user does at once', async () => {
  const { stage, drawn } = await openSlowStage(20)
  const before = drawn()
  stage.wake()
  await until(() => drawn() > before)
})

it('shows what came while it rested, though nothing comes after it', async () => {
  const stage = await openSlowStage(20)
  stage.view.setLive(false)
  await frames()
  await expectRest(stage)
})
