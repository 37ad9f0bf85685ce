import { afterEach, expect, it, vi } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { palettes } from '../../src/timeline/palette.ts'
import { Stage } from '../../src/timeline/stage.ts'
import { TimelineView } from '../../src/timeline/view.ts'
import { flight, moveTo } from '../fixtures.ts'
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

it('leaves a picture of strips for half a second that has not moved, and not one in which a span has a shape', async () => {
  const stage = await openSlowStage(1)
  const { model, view } = stage
  const some = (count: number) =>
    Array.from({ length: count }, (_, at) => flight({ at: at * 1_000, lasting: 10 })).flat()
  model.addAll(moveTo(some(1_600), view.now(), 0))
  view.setLive(false)
  view.fit()
  await until(() => stage.stage.list.mode === 'strips')
  await frames()
  const before = stage.drawn()
  model.addAll(moveTo(some(1), view.now(), 0))
  vi.advanceTimersByTime(480)
  await frames()
  expect(stage.drawn()).toBe(before)
  vi.advanceTimersByTime(30)
  await until(() => stage.drawn() > before)

  view.show(view.now() - 10_000, view.now())
  await until(() => stage.stage.list.mode === 'shapes')
  const nearer = stage.drawn()
  vi.advanceTimersByTime(10)
  model.addAll(moveTo(some(1), view.now(), 0))
  await until(() => stage.drawn() > nearer)
})
