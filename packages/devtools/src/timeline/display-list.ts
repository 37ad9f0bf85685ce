import type { Glyph, Tone } from '../model/names.ts'
import type { Track } from '../model/track.ts'

interface Placed {
  readonly x: number
  readonly y: number
}

/** The picture as plain data, in CSS pixels: what is asserted in tests, painted on the canvas and hit by the pointer. */
export type DrawItem =
  | (Placed & {
      readonly type: 'bar'
      readonly width: number
      readonly height: number
      readonly tone: Tone
      readonly shape: 'flight' | 'nested' | 'wait'
      readonly open: boolean
      readonly struck: boolean
      /** The generation that it presented; `null` where that is not its own to tell. */
      readonly revision: number | null
      readonly dotted: boolean
      /** Shown inside when it fits, else after the bar when `room` allows, else cut. */
      readonly label: string
      /** Free pixels after the bar. */
      readonly room: number
      /** Pixels from its end to the line where its flight lets waiters go; 0 without one. */
      readonly gap: number
      /** Pixels at its end that words leave free. */
      readonly reserved?: number
      readonly row: number
    })
  | (Placed & {
      readonly type: 'fold'
      readonly width: number
      readonly height: number
      readonly label: string
      readonly room: number
      /** Where the known waiters joined. */
      readonly joins: readonly number[]
      readonly open: boolean
      readonly row: number
    })
  | (Placed & {
      readonly type: 'generation'
      readonly width: number
      readonly height: number
      readonly revision: number
      readonly expired: boolean
      readonly label: string
      readonly id: string
    })
  | (Placed & {
      readonly type: 'mark'
      readonly glyph: Glyph
      readonly tone: Tone
      readonly label: string
      readonly row: number
    })
  | (Placed & { readonly type: 'bolt'; readonly row: number })
  | (Placed & { readonly type: 'fan'; readonly from: number; readonly to: number; readonly row: number })
  | (Placed & { readonly type: 'countdown'; readonly label: string; readonly offEdge: boolean })
  /** Idle time that takes less room; the label says how long it was. */
  | (Placed & { readonly type: 'gap'; readonly width: number; readonly height: number; readonly label: string })
  /** A time that the reader marked. */
  | (Placed & { readonly type: 'marker'; readonly height: number; readonly label: string })
  /** The number of a step from cause to effect. */
  | (Placed & { readonly type: 'step'; readonly number: number; readonly current: boolean; readonly row: number })
  /** Too many bars for shapes: one byte a pixel, a tone's code + 1, 0 where there is nothing. */
  | (Placed & { readonly type: 'strip'; readonly height: number; readonly pixels: Uint8Array; readonly track: Track })

export interface DisplayList {
  readonly items: readonly DrawItem[]
  /** 1 for each row that is dimmed; `null` where none is. */
  readonly dimmed?: Uint8Array | null
  /** Bars in view, before any were merged into strips. */
  readonly bars: number
  readonly mode: 'shapes' | 'strips'
}

/** Above this many bars in view, tracks are drawn as strips. */
export const shapeLimit = 1_500
