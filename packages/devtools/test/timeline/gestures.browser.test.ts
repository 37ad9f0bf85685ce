import { afterEach, describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { attachGestures } from '../../src/timeline/gestures.ts'
import { boxOf } from '../../src/timeline/hit.ts'
import { windowOf } from '../../src/timeline/overview.ts'
import { palettes } from '../../src/timeline/palette.ts'
import { lengthOf, toTime, toX } from '../../src/timeline/scale.ts'
import { Stage } from '../../src/timeline/stage.ts'
import { TimelineView } from '../../src/timeline/view.ts'
import { flight, noon } from '../fixtures.ts'
import { drag, mouseOn } from '../mouse.ts'
import { until } from '../react/mount.tsx'
import { makeElements, width } from './elements.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

/** A recording of a second: refreshes at 200 and at 700 ms after noon, drawn and under the mouse. */
async function openStage() {
  const model = new RecordModel()
  model.addAll([...flight({ at: 200, lasting: 100 }), ...flight({ at: 700, lasting: 300, revision: 2 })])
  const view = new TimelineView(model, 'still')
  const elements = makeElements(undo)
  const stage = new Stage(view, elements, {
    palette: palettes.light,
    reducedMotion: false,
    onRows() {},
    onDraw() {},
  })
  const hovered: (string | null)[] = []
  const detach = attachGestures(stage, (record) => hovered.push(record))
  stage.start()
  undo.push(detach, () => stage.stop())
  await until(() => stage.overviewScale.width === width)
  const [first] = model.flights.all
  const bar = boxOf(stage.list.items.find((item) => 'row' in item && item.row === first!.row)!)!
  return { view, stage, elements, hovered, bar, first: model.columns.record(first!.row).id }
}

describe('on the timeline', () => {
  it('ctrl and the wheel zoom, and what is under the cursor stays there', async () => {
    const { view, elements } = await openStage()
    const before = view.scale
    const mouse = mouseOn(elements.canvas, { ctrl: true })
    await mouse.moveTo(120, 50)
    await mouse.wheel(0, -100)
    await until(() => view.scale !== before)
    expect(lengthOf(view.scale)).toBeCloseTo(lengthOf(before) / Math.exp(0.3), 3)
    expect(toTime(view.scale, 120)).toBeCloseTo(toTime(before, 120), 3)
    await mouse.wheel(0, 100)
    await until(() => lengthOf(view.scale) > lengthOf(before) * 0.99)
    expect(view.scale.from).toBeCloseTo(before.from, 3)
  })

  it.each([
    ['a sideways wheel', false, [60, 10]],
    ['shift and the wheel', true, [0, 60]],
  ] as const)('%s pans', async (_, shift, [right, down]) => {
    const { view, elements } = await openStage()
    const before = view.scale
    const mouse = mouseOn(elements.canvas, { shift })
    await mouse.moveTo(120, 50)
    await mouse.wheel(right, down)
    await until(() => view.scale !== before)
    expect(toX(view.scale, noon + 500)).toBeCloseTo(toX(before, noon + 500) - 60, 3)
    expect(lengthOf(view.scale)).toBeCloseTo(lengthOf(before), 3)
  })

  it('the plain wheel is left to the page', async () => {
    const { view, elements } = await openStage()
    const before = view.scale
    const mouse = mouseOn(elements.canvas)
    const heard = new Promise<WheelEvent>((resolve) => addEventListener('wheel', resolve, { once: true }))
    await mouse.moveTo(120, 50)
    await mouse.wheel(0, 60)
    expect((await heard).defaultPrevented).toBe(false)
    expect(view.scale).toBe(before)
  })

  it('a drag takes the time along that it began on, and selects nothing', async () => {
    const { view, elements, bar } = await openStage()
    const before = view.scale
    const [x, y] = [bar.left + 4, (bar.top + bar.bottom) / 2]
    await drag(mouseOn(elements.canvas), x, x + 100, y)
    expect(toTime(view.scale, x + 100)).toBeCloseTo(toTime(before, x), 3)
    expect(view.selected).toBeNull()
  })

  it('a drag with shift picks the span that is shown then', async () => {
    const { view, elements } = await openStage()
    const before = view.scale
    await drag(mouseOn(elements.canvas, { shift: true }), 300, 100, 50, () => {
      expect(elements.brush.hidden).toBe(false)
      expect(elements.brush.style.transform).toBe('translateX(100px)')
      expect(elements.brush.style.width).toBe('200px')
      expect(view.scale).toBe(before)
    })
    expect(elements.brush.hidden).toBe(true)
    expect(view.scale.from).toBeCloseTo(toTime(before, 100), 3)
    expect(view.scale.to).toBeCloseTo(toTime(before, 300), 3)
  })

  it('a click selects what is there, or nothing, and hovering tells of it', async () => {
    const { view, elements, hovered, bar, first } = await openStage()
    const mouse = mouseOn(elements.canvas)
    const click = async (x: number, y: number) => {
      await mouse.moveTo(x, y)
      await mouse.press()
      await mouse.release()
    }
    await click(bar.left + 4, (bar.top + bar.bottom) / 2)
    expect([view.selected, hovered.at(-1)]).toEqual([first, first])
    await click(2, 2)
    expect([view.selected, hovered.at(-1)]).toEqual([null, null])
  })
})

describe('on the overview', () => {
  /** Zoomed in to the middle, so that there is room at both sides of the window. */
  async function openMiddle() {
    const opened = await openStage()
    opened.view.show(noon + 500, noon + 600, 0)
    return { ...opened, overviewScale: opened.stage.overviewScale }
  }

  it('a drag beside the window picks another one', async () => {
    const { view, elements, overviewScale } = await openMiddle()
    await drag(mouseOn(elements.overview), 40, 120, 15, () => {
      expect(elements.overviewBrush.hidden).toBe(false)
      expect(elements.overviewBrush.style.width).toBe('80px')
    })
    expect(elements.overviewBrush.hidden).toBe(true)
    expect(view.scale.from).toBeCloseTo(toTime(overviewScale, 40), 3)
    expect(view.scale.to).toBeCloseTo(toTime(overviewScale, 120), 3)
  })

  it('a drag that begins in the window moves it, by as much', async () => {
    const { view, elements, overviewScale } = await openMiddle()
    const before = windowOf(overviewScale, view.scale)
    await drag(mouseOn(elements.overview), before.x + 5, before.x + 75, 15)
    const after = windowOf(overviewScale, view.scale)
    expect(after.x).toBeCloseTo(before.x + 70, 0)
    expect(after.width).toBeCloseTo(before.width, 3)
  })

  it('the right button moves nothing', async () => {
    const { view, elements } = await openMiddle()
    const before = view.scale
    for (const type of ['pointerdown', 'pointerup'])
      elements.overview.dispatchEvent(new PointerEvent(type, { button: 2, clientX: 60, clientY: 15, pointerId: 1 }))
    expect(view.scale).toBe(before)
  })

  it('a click beside the window brings its middle there', async () => {
    const { view, elements, overviewScale } = await openMiddle()
    const length = lengthOf(view.scale)
    const mouse = mouseOn(elements.overview)
    await mouse.moveTo(60, 15)
    await mouse.press()
    await mouse.release()
    expect(toX(overviewScale, (view.scale.from + view.scale.to) / 2)).toBeCloseTo(60, 3)
    expect(lengthOf(view.scale)).toBeCloseTo(length, 3)
  })
})
