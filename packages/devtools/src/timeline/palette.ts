import { type Tone, tones } from '../model/names.ts'

/** How something is filled, outlined and written upon. */
export interface Paint {
  readonly fill: string
  readonly edge: string
  readonly ink: string
}

/** Every colour of the panel; the styles and the canvas take them from here. */
export interface Palette {
  readonly ground: string
  readonly surface: string
  readonly raised: string
  readonly line: string
  readonly ink: string
  readonly muted: string
  readonly accent: string
  readonly onAccent: string
  /** Time that has not come yet. */
  readonly future: string
  readonly bolt: string
  readonly tones: Readonly<Record<Tone, Paint>>
  readonly generations: readonly Paint[]
}

const light: Palette = {
  ground: '#ffffff',
  surface: '#f6f7f9',
  raised: '#eceff4',
  line: '#dde1e8',
  ink: '#1a2030',
  muted: '#566074',
  accent: '#2c54c9',
  onAccent: '#ffffff',
  future: '#f3f4f7',
  bolt: '#b45309',
  tones: {
    open: paint('#e0e6ff', '#4a5fe0', '#26338f'),
    good: paint('#cdeedd', '#23895c', '#0c4a30'),
    adopted: paint('#d3e6fb', '#2b74c9', '#113f78'),
    discarded: paint('#edeae4', '#857a67', '#4d4536'),
    rejected: paint('#fbd7d5', '#c9352e', '#7a1713'),
    failed: paint('#fde4cb', '#cf6f13', '#733a05'),
    request: paint('#e4e8f0', '#7b879d', '#2f394b'),
    request_failed: paint('#fbe1dd', '#c9503f', '#7a2218'),
    contention: paint('#fff3d1', '#a87a00', '#5b4300'),
    wait: paint('#e8e4f6', '#8271bd', '#42347a'),
    left: paint('#f1ebe3', '#a08862', '#594727'),
    mark: paint('#e4e8f0', '#5f6b80', '#3a4456'),
  },
  generations: [
    paint('#d6e4fb', '#497dd9', '#173b78'),
    paint('#e6dcf8', '#906bd2', '#46297c'),
    paint('#d2efec', '#408a82', '#0d4a45'),
    paint('#fbe8c6', '#a17825', '#5c3f04'),
    paint('#f9dbe6', '#c95887', '#6f1f40'),
    paint('#e3efc9', '#6f8637', '#3c4d0b'),
  ],
}

const dark: Palette = {
  ground: '#15171c',
  surface: '#1b1e24',
  raised: '#272b34',
  line: '#323842',
  ink: '#e8ebf1',
  muted: '#a4adbc',
  accent: '#9db4ff',
  onAccent: '#101736',
  future: '#1a1d23',
  bolt: '#fbbf4b',
  tones: {
    open: paint('#2a3268', '#8796ff', '#d9deff'),
    good: paint('#17452f', '#3fb981', '#c3f1da'),
    adopted: paint('#173a61', '#5da3ee', '#cfe5fd'),
    discarded: paint('#35322b', '#a3977f', '#e3dccb'),
    rejected: paint('#5a1f1d', '#f0716a', '#ffdcda'),
    failed: paint('#54330f', '#eb9a45', '#fde3c6'),
    request: paint('#2c333f', '#8290a6', '#dbe2ee'),
    request_failed: paint('#4b241f', '#e27f70', '#fbdcd6'),
    contention: paint('#3e320c', '#d9ac34', '#fbe9b6'),
    wait: paint('#322b4f', '#9c8bd8', '#e1d9fb'),
    left: paint('#3a3224', '#b99d70', '#eee0c8'),
    mark: paint('#2c333f', '#95a1b5', '#ccd4e1'),
  },
  generations: [
    paint('#1f365c', '#4c78bd', '#cfe0fb'),
    paint('#382a58', '#7d61b5', '#e2d6fa'),
    paint('#13403d', '#3d8f87', '#c4ece8'),
    paint('#4a370f', '#a67d2a', '#fae6bd'),
    paint('#4f2436', '#a85c7c', '#f9d7e4'),
    paint('#333f13', '#788f38', '#e2eec5'),
  ],
}

const system = paint('Canvas', 'CanvasText', 'CanvasText')

/** Forced colours: the reader's own; shapes, strokes and words carry all meaning. */
const forced: Palette = {
  ground: 'Canvas',
  surface: 'Canvas',
  raised: 'Canvas',
  line: 'CanvasText',
  ink: 'CanvasText',
  muted: 'CanvasText',
  accent: 'Highlight',
  onAccent: 'HighlightText',
  future: 'Canvas',
  bolt: 'CanvasText',
  tones: Object.fromEntries(tones.map((tone) => [tone, system])) as Palette['tones'],
  generations: [system],
}

export type Theme = 'light' | 'dark' | 'forced'
export const palettes: Readonly<Record<Theme, Palette>> = { light, dark, forced }

/** The colour of a generation; six take turns. */
export function generationPaint({ generations, tones }: Palette, revision: number): Paint {
  return generations[(revision - 1 + generations.length) % generations.length] ?? tones.mark
}

function paint(fill: string, edge: string, ink: string): Paint {
  return { fill, edge, ink }
}
