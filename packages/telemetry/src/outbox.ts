import { context, diag, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing, unrefTimer } from '@opentelemetry/core'

/** How a request ended: the receiver has it, will never take it, or may take it later. */
export type Sent = { readonly kind: 'taken' | 'refused' } | { readonly kind: 'later'; readonly afterMs: number | null }

/** Delivers one OTLP request. Settles within the export timeout; one that throws is not tried again. */
export type Send = (body: Uint8Array) => Promise<Sent>

export interface OutboxLimits {
  /** Bytes of requests under way at one time. A single larger one goes alone. */
  readonly flyingBytes: number
  /** Requests under way at one time. */
  readonly flyingRequests: number
  /** Bytes kept while the receiver cannot be reached; beyond them the oldest are dropped. */
  readonly keptBytes: number
}

/** The requests that have not been delivered yet, oldest first, bounded. */
export interface Outbox {
  put(body: Uint8Array, send: Send): void
  /** Tries again now: the network is back, or the page is about to go. */
  wake(): void
  /** Tries all now, and from now on nothing a second time. */
  tryLast(): void
  /** Settles when everything is delivered, or cannot be for now. */
  drain(): Promise<void>
  /** Takes nothing more and drops what is left. */
  close(): void
}

interface Parcel {
  readonly body: Uint8Array
  readonly send: Send
}

/** Milliseconds. */
const firstPause = 1_000
const longestPause = 5 * 60_000

/** `isOnline`: whether a try is worth its while. */
export function createOutbox(limits: OutboxLimits, isOnline: () => boolean): Outbox {
  const waiting: Parcel[] = []
  const flying = new Set<Parcel>()
  const idle = new Set<() => void>()
  let flyingBytes = 0
  let waitingBytes = 0
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  let closed = false
  let isLast = false

  function dispatch(): void {
    while (timer === null && isOnline()) {
      const [next] = waiting
      if (!next || !hasRoomFor(next)) break
      waiting.shift()
      waitingBytes -= next.body.byteLength
      void fly(next)
    }
    if (flying.size > 0 || (waiting.length > 0 && timer === null && isOnline())) return
    for (const settle of idle) settle()
    idle.clear()
  }

  const hasRoomFor = ({ body }: Parcel): boolean =>
    flying.size === 0 || (flying.size < limits.flyingRequests && flyingBytes + body.byteLength <= limits.flyingBytes)

  async function fly(parcel: Parcel): Promise<void> {
    flying.add(parcel)
    flyingBytes += parcel.body.byteLength
    // Whatever instruments `fetch` or `http` sees that an export is not to be traced.
    const sent = await context
      .with(suppressTracing(ROOT_CONTEXT), async () => parcel.send(parcel.body))
      .catch((): Sent => ({ kind: 'refused' }))
    flying.delete(parcel)
    flyingBytes -= parcel.body.byteLength
    if (sent.kind === 'later') putBack(parcel, sent.afterMs)
    else {
      failures = 0
      if (sent.kind === 'refused') diag.warn('The OTLP receiver refused a request; its contents are dropped.')
    }
    dispatch()
  }

  function putBack(parcel: Parcel, afterMs: number | null): void {
    if (closed || isLast) return
    waiting.unshift(parcel)
    waitingBytes += parcel.body.byteLength
    dropBeyondLimit()
    if (timer !== null) return
    const pause = Math.min(firstPause * 2 ** failures, longestPause)
    failures += 1
    // Spread, so that a thousand pages do not come back at one time.
    timer = setTimeout(wake, Math.min(afterMs ?? 0, longestPause) + pause * (0.5 + Math.random() / 2))
    unrefTimer(timer as unknown as number)
  }

  function dropBeyondLimit(): void {
    let dropped = 0
    while (waitingBytes > limits.keptBytes) {
      waitingBytes -= waiting.shift()?.body.byteLength ?? waitingBytes
      dropped += 1
    }
    if (dropped > 0) diag.warn(`${dropped} OTLP requests could not be delivered in time and are dropped.`)
  }

  function wake(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    dispatch()
  }

  return {
    put(body, send) {
      if (closed) return
      waiting.push({ body, send })
      waitingBytes += body.byteLength
      dispatch()
      dropBeyondLimit()
    },
    wake,
    tryLast() {
      isLast = true
      wake()
    },
    drain: () =>
      new Promise((resolve) => {
        idle.add(resolve)
        dispatch()
      }),
    close() {
      closed = true
      waiting.length = 0
      waitingBytes = 0
      wake()
    },
  }
}
