import { createHash } from 'node:crypto'

/** One change of one file, which a test ought to notice. */
export interface Mutant {
  /** File, operator and a digest of the line it is in: the same as long as that line is. */
  readonly id: string
  /** A file of `packages/client/src`, or behind `server/` one of `packages/server/src`. */
  readonly file: string
  readonly operator: Operator
  /** Of the first changed character, counted from 1. */
  readonly line: number
  /** What is taken out of the file, from which character on, and what comes in its place. */
  readonly start: number
  readonly removed: string
  readonly added: string
  /** What it does, for people. */
  readonly what: string
}

export type Operator = 'negate' | 'await' | 'drop' | 'swap' | 'by-hand'

/** Gives mutants of one text their ids. The same line may stand there twice: then they are counted. */
export function createNaming(file: string, text: string) {
  const seen = new Map<string, number>()
  return function name(change: Omit<Mutant, 'id' | 'file' | 'line'>): Mutant {
    const begin = text.lastIndexOf('\n', change.start - 1) + 1
    const end = text.indexOf('\n', change.start)
    const line = text.slice(begin, end === -1 ? undefined : end)
    const column = change.start - begin - (line.length - line.trimStart().length)
    const told = [change.operator, line.trim(), column, change.removed, change.added].join('\0')
    const nth = (seen.get(told) ?? 0) + 1
    seen.set(told, nth)
    const digest = createHash('sha256').update(`${told}\0${nth}`).digest('hex').slice(0, 6)
    return {
      ...change,
      id: `${file.replace(/\.ts$/, '')}:${change.operator}:${digest}`,
      file,
      line: text.slice(0, change.start).split('\n').length,
    }
  }
}

/** The file's text with the mutant in it. */
export const mutate = (text: string, { start, removed, added }: Mutant): string =>
  text.slice(0, start) + added + text.slice(start + removed.length)
