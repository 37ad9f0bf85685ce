import { useEffect, useState } from 'react'
import { getLog, logStream, type LogEntry } from './control.ts'

export interface ServerLog {
  /** Newest first. */
  readonly entries: readonly LogEntry[]
  readonly tokenRequests: number
}

/** Entries in the order the server gave them, newest first, each once: the stream and a fetched list overlap. */
export function mergeEntries(held: readonly LogEntry[], more: readonly LogEntry[]): readonly LogEntry[] {
  const bySeq = new Map([...held, ...more].map((entry) => [entry.seq, entry]))
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq)
}

/**
 * What reaches the authorization server, live. Browsers open six connections to an origin and share them among all tabs, so a
 * hidden page lets go of its own; whenever a stream opens, the list is read anew, so nothing is missed.
 */
export function useServerLog(): ServerLog {
  const [entries, setEntries] = useState<readonly LogEntry[]>([])

  useEffect(() => {
    // A server that is away shows by its silence; the stream reconnects by itself and the list is read again.
    const reload = (): void => void getLog().then((all) => setEntries(mergeEntries([], all)), ignore)
    let stream: EventSource | null = null
    const follow = (): void => {
      stream?.close()
      stream = document.visibilityState === 'hidden' ? null : new EventSource(logStream)
      if (!stream) return
      stream.onopen = reload
      stream.addEventListener('cleared', () => setEntries([]))
      stream.onmessage = (message: MessageEvent<string>) => {
        const entry = JSON.parse(message.data) as LogEntry
        setEntries((held) => mergeEntries(held, [entry]))
      }
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      stream?.close()
      document.removeEventListener('visibilitychange', follow)
    }
  }, [])

  return { entries, tokenRequests: entries.filter(({ endpoint }) => endpoint === 'token').length }
}

function ignore(): void {}
