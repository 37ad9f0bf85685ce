import { createNaming, type Mutant } from './mutant.ts'

/** What a mutant breaks: a promise of docs/promises.md by its number, or one of the devices that keep them. */
export type Breaks =
  | 1
  | 2
  | 3
  | 4
  | 5
  | 6
  | 7
  | 8
  | 9
  | 10
  | 11
  | 12
  | 'compared field'
  | 're-read'
  | 'claim'
  | 'sign of life'
  | 'tombstone'

/** A mistake that somebody could make. */
export interface HandMade {
  readonly breaks: Breaks
  readonly file: string
  /** Stands in the file once. */
  readonly text: string
  readonly instead: string
  readonly what: string
}

/** @throws {Error} where the text is not in the file, or not once: the mutant has to follow the code. */
export function place({ file, text, instead, what }: HandMade, source: string): Mutant {
  const start = source.indexOf(text)
  if (start === -1 || source.indexOf(text, start + 1) !== -1) {
    const often = start === -1 ? 'is not in it any more' : 'is in it more than once'
    throw new Error(`The mutant by hand "${what}" (${file}) looks for a text that ${often}: ${text}`)
  }
  return createNaming(file, source)({ operator: 'by-hand', start, removed: text, added: instead, what })
}
