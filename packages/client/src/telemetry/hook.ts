import { guarded } from '../base/guarded.ts'
import type { AuthRecord } from './record.ts'

/**
 * Where readers and rings of one realm meet, whoever comes first: `globalThis[Symbol.for('authflight.recorder')]`. It has two
 * inputs and gives records only: no session, no flight, no command. It may be forged, so readers check the shape of what
 * they get.
 */
export interface RecorderHook {
  readonly v: 1
  /** Offers a ring of records to all readers, present and future. Returns the way to withdraw it. */
  register(source: RecordSource): () => void
  /** Is called with every source registered so far, and with each later one. Returns unsubscribe. */
  subscribe(listener: (source: RecordSource) => void): () => void
}

/** A bounded ring of one realm. */
export interface RecordSource {
  /** Random id of the realm: the `tab` of its records. */
  readonly tab: string
  /** What the ring holds now, oldest first; of an operation that has ended only the end record. */
  snapshot(): readonly AuthRecord[]
  /** Is called with each record as it is made. Returns unsubscribe. */
  subscribe(listener: (record: AuthRecord) => void): () => void
}

const key = Symbol.for('authflight.recorder')

/** The realm's meeting point, made by the first who asks. */
export function recorderHook(): RecorderHook {
  const realm = globalThis as { [key]?: RecorderHook }
  const found = realm[key]
  if (found?.v === 1) return found
  const made = createRecorderHook()
  Object.defineProperty(realm, key, { value: made, configurable: true })
  return made
}

/** A meeting point of its own. */
export function createRecorderHook(): RecorderHook {
  const sources = new Set<RecordSource>()
  const listeners = new Set<(source: RecordSource) => void>()
  return Object.freeze({
    v: 1 as const,
    register(source: RecordSource) {
      sources.add(source)
      for (const listener of listeners) guarded(() => listener(source))
      return () => void sources.delete(source)
    },
    subscribe(listener: (source: RecordSource) => void) {
      listeners.add(listener)
      for (const source of sources) guarded(() => listener(source))
      return () => void listeners.delete(listener)
    },
  })
}
