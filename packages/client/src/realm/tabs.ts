import { unref } from './clock.ts'
import type { Realm } from './realm.ts'
import type { Operation } from '../telemetry/operation.ts'
import { toTraceparent } from '../telemetry/notices.ts'

/**
 * Tells other tabs, and other clients in this one, that something stored has changed, and asks whether somebody still lives. What is
 * said carries random ids and nothing to act on: who hears a notice, true or forged, looks into the store.
 */
export interface Tabs {
  /** Says that the store changed, and by which flight. Works after `close` too: a flight may land later than its client lives. */
  announce(flight?: Operation): void
  /** A promise of the next notice. */
  next(): Promise<void>
  /** Asks who presents under this claim to say so. */
  ask(claim: string): void
  /** Whether somebody has said so since it was asked last. */
  hasAnswered(claim: string): boolean
  /** Nobody asks about this claim any more. */
  forget(claim: string): void
  /** Whether notices of others are heard: not where broadcasts are refused or missing, nor while the page is left. */
  readonly hears: boolean
  /** Stops and starts listening, for a page that must be eligible for the back-forward cache. */
  suspend(): void
  resume(): void
  close(): void
}

type Channel = ReturnType<Realm['openChannel']>

type Message =
  | { readonly v: 1; readonly kind: 'changed'; readonly traceparent: unknown }
  | { readonly v: 1; readonly kind: 'ping' | 'pong'; readonly claim: string }

export interface Listeners {
  /** Called for each notice of somebody else under the same name, with what it says of the flight that it comes from. */
  readonly heard: (traceparent: unknown) => void
  /** Whether this realm presents under the claim that somebody asks about. */
  readonly presents: (claim: string) => boolean
  /** Calls back when this realm presents nothing. A closed client answers until then: its flights are the realm's. */
  readonly onIdle: (idle: () => void) => void
}

/** Where broadcasts are refused or missing there are no notices: others are then found by looking. */
export function openTabs(
  { openChannel }: Pick<Realm, 'openChannel'>,
  name: string,
  { heard, presents, onIdle }: Listeners,
): Tabs {
  const channelName = `authflight:${name}`
  let channel: Channel | null = null
  let closed = false
  let wake: (() => void) | null = null
  let upcoming: Promise<void> | null = null
  /** The claims this tab asks about; true: somebody has answered. Others' questions and answers are none of ours. */
  const asked = new Map<string, boolean>()

  function tryToOpen(): Channel | null {
    try {
      return openChannel(channelName)
    } catch {
      return null
    }
  }
  function listen(): void {
    if (channel || closed) return
    channel = tryToOpen()
    if (!channel) return
    channel.onmessage = ({ data }) => receive(data)
    unref(channel)
  }
  function receive(data: unknown): void {
    const message = parse(data)
    if (message?.kind === 'changed') {
      wakeWaiters()
      if (!closed) heard(message.traceparent)
    } else if (message?.kind === 'ping' && presents(message.claim)) {
      say({ v: 1, kind: 'pong', claim: message.claim })
    } else if (message?.kind === 'pong' && asked.has(message.claim)) {
      asked.set(message.claim, true)
    }
  }
  /** A tab that cannot be told must not undo what is stored. */
  function say(message: Message): void {
    const through = channel ?? tryToOpen()
    try {
      through?.postMessage(message)
    } catch {
      // Others will find it by looking.
    }
    if (through !== channel) through?.close()
  }
  function wakeWaiters(): void {
    wake?.()
    wake = upcoming = null
  }
  function hush(): void {
    channel?.close()
    channel = null
  }
  listen()

  return {
    announce(flight) {
      wakeWaiters()
      say({ v: 1, kind: 'changed', traceparent: flight && toTraceparent(flight.link) })
    },
    next: () => (upcoming ??= new Promise((resolve) => (wake = resolve))),
    ask(claim) {
      asked.set(claim, false)
      say({ v: 1, kind: 'ping', claim })
    },
    hasAnswered: (claim) => asked.get(claim) ?? false,
    forget: (claim) => void asked.delete(claim),
    get hears() {
      return channel !== null
    },
    suspend: hush,
    resume: listen,
    close() {
      closed = true
      onIdle(hush)
    },
  }
}

function parse(data: unknown): Message | null {
  const message = data as Message | null
  if (message?.v !== 1) return null
  if (message.kind === 'changed') return message
  const isAboutClaim = message.kind === 'ping' || message.kind === 'pong'
  return isAboutClaim && typeof message.claim === 'string' && message.claim.length <= 64 ? message : null
}
