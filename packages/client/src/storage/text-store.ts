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
export function textStore<const Declared extends Omit<Store, 'transact'>>(
  declared: Declared,
  open: () => Texts,
): Store & Declared {
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

type Write = readonly [key: string, text: string | null]

/** Deletes last, so that whoever is cut off in the middle has lost nothing; first only where there is no room otherwise. */
function writeAll(texts: Texts, writes: ReadonlyMap<string, object | null>): void {
  const wanted = [...writes].map(([key, record]): Write => [key, record && encode(record)])
  const puts = wanted.filter(([, text]) => text !== null)
  const deletes = wanted.filter(([, text]) => text === null)
  try {
    apply(texts, [...puts, ...deletes])
  } catch (error) {
    if (deletes.length === 0) throw error
    apply(texts, [...deletes, ...puts])
  }
}

/** All of it or nothing. */
function apply(texts: Texts, writes: readonly Write[]): void {
  const done: Write[] = []
  const set = ([key, text]: Write): void => (text === null ? texts.remove(key) : texts.write(key, text))
  try {
    for (const write of writes) {
      const before = texts.read(write[0])
      set(write)
      done.push([write[0], before])
    }
  } catch (error) {
    // In reverse, so that every step leads to a state for which there was room before.
    for (const write of done.toReversed()) set(write)
    throw error
  }
}
