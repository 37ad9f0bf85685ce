import { createView, type Store, within } from './store.ts'
import { decode, encode } from './text-record.ts'

/** A place for texts that answers at once. */
export interface Texts {
  keys(): string[]
  /** null: absent, or not whole. */
  read(key: string): string | null
  /** Throws where the text was not kept; what stood there before is kept then. */
  write(key: string, text: string): void
  remove(key: string): void
}

/** A store over such a place. Nothing is awaited from the first read to the last write, so nobody in this realm comes between. */
export function textStore(declared: Omit<Store, 'transact'>, open: () => Texts): Store {
  return {
    ...declared,
    transact: async (scope, change) => {
      const texts = open()
      const found = new Map<string, unknown>()
      for (const key of texts.keys().filter(within(scope))) {
        const record = decode(texts.read(key))
        if (record) found.set(key, record)
      }
      const { view, writes } = createView(found)
      const result = change(view)
      writeAll(texts, writes)
      return result
    },
  }
}

/** Deletes last: whoever is cut off in the middle has lost nothing. Whoever fails in the middle takes back what was done. */
function writeAll(texts: Texts, writes: ReadonlyMap<string, object | null>): void {
  const wanted = [...writes].map(([key, record]) => [key, record && encode(record)] as const)
  const puts = wanted.filter(([, text]) => text !== null)
  const deletes = wanted.filter(([, text]) => text === null)
  const done: (readonly [key: string, before: string | null])[] = []
  const set = (key: string, text: string | null): void => (text === null ? texts.remove(key) : texts.write(key, text))
  try {
    for (const [key, text] of [...puts, ...deletes]) {
      const before = texts.read(key)
      set(key, text)
      done.push([key, before])
    }
  } catch (error) {
    // In reverse, so that every step leads to a state for which there was room before.
    for (const [key, before] of done.toReversed()) set(key, before)
    throw error
  }
}
