import type { DrawItem } from './display-list.ts'
import type { Palette } from './palette.ts'

/** One kind of thing to draw. */
export type Item<Type> = Extract<DrawItem, { type: Type }>

/** What is painted on, and how it lies. */
export interface Surface {
  readonly context: CanvasRenderingContext2D
  readonly palette: Palette
  readonly width: number
  readonly height: number
  /** Device pixels a CSS pixel. */
  readonly ratio: number
  /** CSS pixels scrolled away above. */
  readonly top: number
  /** Where now is, in CSS pixels. */
  readonly nowX: number
  /** Where the axis has its round times. */
  readonly tickXs: readonly number[]
  readonly font: string
}
