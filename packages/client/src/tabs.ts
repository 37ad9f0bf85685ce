import { unref } from './clock.ts'

/**
 * Tells other tabs, and other clients in this one, that something stored has changed. A notice carries nothing to act on but
 * itself: who hears one, true or forged, looks into the store.
 */
export interface Tabs {
  /** Says that the store changed. Works after `close` too: a flight may land later than its client lives. */
  announce(): void
  /** A promise of the next notice. */
  next(): Promise<void>
  /** Stops and starts listening, for a page that must be eligible for the back-forward cache. */
  suspend(): void
  resume(): void
  close(): void
}

interface Notice {
  readonly v: 1
  readonly kind: 'changed'
}

const notice: Notice = { v: 1, kind: 'changed' }
const isNotice = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && (data as Notice).v === 1 && (data as Notice).kind === 'changed'

/** `heard` is called for each notice of somebody else under the same `name`. */
export function openTabs(name: string, heard: () => void): Tabs {
  const channelName = `authflight:${name}`
  let channel: BroadcastChannel | null = null
  let closed = false
  let wake: (() => void) | null = null
  let upcoming: Promise<void> | null = null

  function listen(): void {
    if (channel || closed || typeof BroadcastChannel === 'undefined') return
    channel = new BroadcastChannel(channelName)
    channel.onmessage = ({ data }) => {
      if (!isNotice(data)) return
      wakeWaiters()
      heard()
    }
    unref(channel)
  }
  function hush(): void {
    channel?.close()
    channel = null
  }
  function wakeWaiters(): void {
    wake?.()
    wake = upcoming = null
  }
  listen()

  return {
    announce() {
      wakeWaiters()
      if (channel) return channel.postMessage(notice)
      if (typeof BroadcastChannel === 'undefined') return
      const passing = new BroadcastChannel(channelName)
      passing.postMessage(notice)
      passing.close()
    },
    next: () => (upcoming ??= new Promise((resolve) => (wake = resolve))),
    suspend: hush,
    resume: listen,
    close() {
      closed = true
      hush()
    },
  }
}
