import { Cost } from '../model/cost.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { SpanColumns } from '../model/span-columns.ts'
import { formatDuration } from '../model/format.ts'
import { Focuser } from './focus.ts'
import { findIdle } from './folds.ts'
import { type AxisLine, showAxis } from './axis.ts'
import { fitCanvas, watchPixelRatio } from './canvas-size.ts'
import type { DisplayList } from './display-list.ts'
import { boxOf, hitTest, itemOf } from './hit.ts'
import { arrangeRows, findPlace, type LaneRows } from './lane-rows.ts'
import { layOut } from './layout.ts'
import { layOutOverview, overviewScale, paintOverview, windowOf } from './overview.ts'
import { paintTimeline } from './painter.ts'
import type { Palette } from './palette.ts'
import { perPixel, type Scale, ticksOf, toX } from './scale.ts'
import type { TimelineView } from './view.ts'

/** Least pixels between two times of the axis. */
const tickDistance = 110
/** Milliseconds that a picture of strips stays while it does not move: a span more or less hardly shows there. */
const crowdedRest = 500
/** Pixels above and below a line that was scrolled to. */
const besideSought = 32

export interface StageElements {
  readonly canvas: HTMLCanvasElement
  /** Scrolls over all lines; the canvas covers what is in view. */
  readonly scroller: HTMLElement
  readonly axis: HTMLElement
  /** Says how much time is in view. */
  readonly span: HTMLElement
  readonly selection: HTMLElement
  readonly overview: HTMLCanvasElement
  readonly overviewWindow: HTMLElement
  /** The span that a drag picks, over the canvas and over the overview. */
  readonly brush: HTMLElement
  readonly overviewBrush: HTMLElement
}

export interface StageOptions {
  readonly palette: Palette
  /** Instead of moving every frame, following steps once a second. */
  readonly reducedMotion: boolean
  /** Is told when lines come, go or change their height. */
  readonly onRows: (rows: LaneRows) => void
  /** Is told of each picture. */
  readonly onDraw: () => void
}

/**
 * Draws the timeline into its elements, once a frame while something moves and not at all otherwise: not when nothing is
 * live or open, not when the panel is out of sight, not in a hidden page.
 */
export class Stage {
  list: DisplayList = { items: [], bars: 0, mode: 'shapes' }
  overviewScale: Scale = { from: 0, to: 1, width: 1 }
  readonly model: RecordModel
  readonly view: TimelineView
  readonly elements: StageElements
  readonly #options: StageOptions
  readonly #stops: (() => void)[] = []
  #rows: LaneRows = { rows: [], height: 0 }
  #rowsKey = ''
  #axis: AxisLine[] = []
  #frame = 0
  /** Something else is to be seen. */
  #dirty = true
  /** There is more of the same. */
  #stale = false
  #inSight = true
  #paintedAt = 0
  /** What goes on by itself takes a quarter of the time, so that a page that draws slowly has frames for what its user does. */
  readonly #drawCost = new Cost(3)
  #drawn: SpanColumns | null = null
  #fontFamily: string | undefined
  #foldedAt = -Infinity
  readonly #foldCost = new Cost()
  #overviewAt = -Infinity
  #overviewVersion = -1
  readonly #focuser = new Focuser()

  constructor(view: TimelineView, elements: StageElements, options: StageOptions) {
    this.model = view.model
    this.view = view
    this.elements = elements
    this.#options = options
  }

  start(): void {
    const wake = () => this.wake()
    const resizes = new ResizeObserver(wake)
    resizes.observe(this.elements.scroller)
    resizes.observe(this.elements.overview)
    const sights = new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1)?.isIntersecting ?? true
      wake()
    })
    sights.observe(this.elements.scroller)
    this.elements.scroller.addEventListener('scroll', wake, { passive: true })
    this.#stops.push(
      this.model.subscribe(() => {
        this.#stale = true
        this.#request()
      }),
      this.view.subscribe(wake),
      watchPixelRatio(wake),
      () => resizes.disconnect(),
      () => sights.disconnect(),
      () => this.elements.scroller.removeEventListener('scroll', wake),
    )
    this.wake()
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    for (const { element } of this.#axis.splice(0)) element.remove()
  }

  /** Asks for a frame; many askings make one. */
  wake(): void {
    this.#dirty = true
    this.#request()
  }

  /** The id of the record under a point of the page. */
  recordAt(clientX: number, clientY: number): string | null {
    // Rows of a picture drawn before a rebuild mean nothing any more; the next frame has new ones.
    if (this.#drawn !== this.model.columns) return null
    const box = this.elements.canvas.getBoundingClientRect()
    const y = clientY - box.top + this.elements.scroller.scrollTop
    return hitTest(this.model, this.list, this.view.scale, clientX - box.left, y)
  }

  #request(): void {
    if (this.#frame === 0 && this.#inSight) this.#frame = requestAnimationFrame(() => this.#onFrame())
  }

  #onFrame(): void {
    this.#frame = 0
    const now = this.view.now()
    const isMoving = this.view.live || this.model.open.size > 0
    const hasMoved = isMoving && this.#hasMoved(now)
    const isResting = this.#drawCost.left(hasMoved || this.list.mode === 'shapes' ? 0 : crowdedRest) > 0
    // Of a picture whose rows are others now nothing can be picked.
    const isOld = this.#dirty || this.#drawn !== this.model.columns || ((hasMoved || this.#stale) && !isResting)
    if (isOld) this.#draw(now)
    if (isMoving || this.#stale) this.#request()
  }

  /** Less than a pixel is not worth a frame. */
  #hasMoved(now: number): boolean {
    const since = now - this.#paintedAt
    return this.#options.reducedMotion ? since >= 1000 : since >= perPixel(this.view.scale) / devicePixelRatio
  }

  #draw(now: number): void {
    const end = this.#drawCost.measure()
    this.#paint(now)
    end()
  }

  #paint(now: number): void {
    const { canvas, scroller } = this.elements
    this.model.settle()
    this.view.resize(canvas.clientWidth)
    this.#fold(now)
    this.view.follow(now)
    this.#dirty = this.#stale = false
    this.#paintedAt = now
    this.#drawn = this.model.columns
    this.#arrange()
    this.#scrollToSought()
    const { scale } = this.view
    const viewport = { top: scroller.scrollTop, bottom: scroller.scrollTop + scroller.clientHeight }
    const focus = this.#focuser.read(this.view, now)
    this.list = layOut({ model: this.model, scale, now, focus }, this.#rows.rows, viewport)
    this.#options.onDraw()
    const size = fitCanvas(canvas)
    const context = canvas.getContext('2d')
    if (context === null || size.width === 0) return
    const { palette } = this.#options
    const font = `11px ${(this.#fontFamily ??= getComputedStyle(canvas).fontFamily)}`
    const axis = ticksOf(scale, tickDistance)
    const tickXs = axis.ticks.map((tick) => tick.x)
    const surface = { context, palette, ...size, top: viewport.top, nowX: toX(scale, now), tickXs, font }
    paintTimeline(surface, this.list, this.#rows.rows)
    this.#axis = showAxis(this.elements.axis, this.#axis, axis)
    this.elements.span.textContent = formatDuration(scale.to - scale.from)
    this.#showSelection(viewport.top)
    this.#drawOverview(now)
  }

  /** Idle time is looked for when folding begins, and again once a second, or where that takes long less often. */
  #fold(now: number): void {
    if (!this.view.folding || (this.view.scale.folds && now - this.#foldedAt < this.#foldCost.pause(1_000))) return
    this.#foldedAt = now
    const end = this.#foldCost.measure()
    this.view.fold(findIdle(this.model, now))
    end()
  }

  #arrange(): void {
    this.#rows = arrangeRows(this.model, this.view.grouping)
    const key = this.#rows.rows.map((row) => `${row.key} ${row.y}`).join('|') + this.#rows.height
    if (key === this.#rowsKey) return
    this.#rowsKey = key
    this.#options.onRows(this.#rows)
  }

  /** Scrolls as little as it takes to show the line of what was selected, with a little beside it. */
  #scrollToSought(): void {
    const { scroller } = this.elements
    const row = this.model.columns.rowOf(this.view.sought)
    const place = row === undefined ? null : findPlace(this.model, this.#rows, row)
    if (place !== null) {
      // Lines that have just come have their room in the next frame.
      if (scroller.scrollHeight < this.#rows.height) return this.wake()
      const top = place.y - besideSought
      const bottom = place.y + place.height + besideSought
      scroller.scrollTop = Math.min(top, Math.max(scroller.scrollTop, bottom - scroller.clientHeight))
    }
    this.view.sought = null
  }

  #showSelection(top: number): void {
    const { selection } = this.elements
    const row = this.model.columns.rowOf(this.view.selected)
    const box = row === undefined ? null : boxOf(itemOf(this.list, row))
    selection.hidden = box === null
    if (box === null) return
    const left = Math.max(-4, box.left)
    selection.style.transform = `translate(${left - 2}px, ${box.top - top - 2}px)`
    selection.style.width = `${Math.min(box.right, this.view.scale.width + 4) - left + 4}px`
    selection.style.height = `${box.bottom - box.top + 4}px`
  }

  /** All there is changes slowly: it is painted anew four times a second at most, and moved over in between. */
  #drawOverview(now: number): void {
    const { overview, overviewWindow } = this.elements
    const version = this.model.getVersion()
    const isOld = now - this.#overviewAt > 250 && (version !== this.#overviewVersion || this.view.live)
    const before = overview.width
    const size = fitCanvas(overview)
    if (isOld || overview.width !== before) {
      const context = overview.getContext('2d')
      if (context === null || size.width === 0) return
      this.#overviewAt = now
      this.#overviewVersion = version
      this.overviewScale = overviewScale(this.model, now, size.width, this.view.isStill ? 0 : undefined)
      paintOverview(context, layOutOverview(this.model, this.overviewScale), size, this.#options.palette)
    }
    const { x, width } = windowOf(this.overviewScale, this.view.scale)
    overviewWindow.style.transform = `translateX(${x}px)`
    overviewWindow.style.width = `${width}px`
  }
}
