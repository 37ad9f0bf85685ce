import { recorderHook, type AuthRecord, type RecorderHook, type RecordSource } from '@authflight/client'
import { type ClockEstimate, lift, measure, shiftOf } from './clock-offset.ts'
import type { RecordModel } from './record-model.ts'
import { eachSource } from './sources.ts'

/** What two panels in two tabs say to each other. Records only; any of it may be forged. */
type Message =
  | { v: 1; type: 'hello'; from: string; sentAt: number }
  | { v: 1; type: 'snapshot'; from: string; to: string; askedAt: number; sentAt: number; records: readonly unknown[] }
  | { v: 1; type: 'delta'; from: string; sentAt: number; records: readonly unknown[] }
  | { v: 1; type: 'bye'; from: string; sentAt: number }

/** The part of a BroadcastChannel that the relay uses. */
export interface RelayChannel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  close(): void
}

export interface RelayOptions {
  readonly hook?: RecorderHook
  readonly channel?: RelayChannel
  /** Epoch milliseconds on the clock that stamps records. */
  readonly now?: () => number
}

export const relayChannelName = 'authflight:records'
/** Those who speak in this very page: a channel brings their own words back to them. */
const here = new Set<string>()
const batchEvery = 50
const batchLimit = 2_000
const peerLimit = 256

/** The clock that stamps records. */
export function recordTime(): number {
  return performance.timeOrigin + performance.now()
}

/**
 * Tells the records of this tab to panels in other tabs: all of them to one that says hello, then what is new, batched per
 * 50 ms. Never passes on what came from another tab. Returns the way to stop.
 */
export function shareRecords(options: RelayOptions = {}): () => void {
  const { hook = recorderHook(), channel = openChannel(), now = recordTime } = options
  if (channel === null) return () => {}
  const from = randomName()
  if (options.channel === undefined) here.add(from)
  /** Nobody has asked yet: then nothing is copied for nobody. */
  let isHeard = false
  const sources = new Set<RecordSource>()
  let batch: AuthRecord[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const say = (message: Message) => channel.postMessage(message)
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (isHeard) say({ v: 1, type: 'delta', from, sentAt: now(), records: batch })
    batch = []
  }
  const collect = (record: AuthRecord) => {
    batch.push(record)
    if (batch.length >= batchLimit) flush()
    else timer ??= setTimeout(flush, batchEvery)
  }
  const snapshot = () => [...sources].flatMap((source) => source.snapshot())
  const onMessage = ({ data }: { data: unknown }) => {
    const message = data as Partial<Message> | null
    if (message?.v !== 1 || message.type !== 'hello' || !isWord(message.from) || !Number.isFinite(message.sentAt))
      return
    if (here.has(message.from)) return
    isHeard = true
    say({
      v: 1,
      type: 'snapshot',
      from,
      to: message.from,
      askedAt: message.sentAt!,
      sentAt: now(),
      records: snapshot(),
    })
  }
  channel.addEventListener('message', onMessage)
  const stopReading = eachSource(
    hook,
    (source) => {
      sources.add(source)
      // Who does not know this tab yet greets it, and is answered with everything.
      say({ v: 1, type: 'delta', from, sentAt: now(), records: isHeard ? source.snapshot() : [] })
    },
    collect,
  )
  const sayBye = () => {
    if (timer !== undefined) flush()
    say({ v: 1, type: 'bye', from, sentAt: now() })
  }
  globalThis.addEventListener?.('pagehide', sayBye)
  return () => {
    globalThis.removeEventListener?.('pagehide', sayBye)
    stopReading()
    sayBye()
    channel.removeEventListener('message', onMessage)
    channel.close()
  }
}

/** A tab that shares; without a clock until it has answered a hello. */
interface Peer {
  clock: ClockEstimate | null
  readonly tabs: Set<string>
}

/**
 * Reads what other tabs share into the model: says hello, takes their snapshots and deltas, and moves their times onto this
 * tab's clock. A tab heard of for the first time is greeted, and read once its answer has told its clock. What is not a
 * record is dropped and counted by the model. Returns the way to stop.
 */
export function readOtherTabs(model: RecordModel, options: RelayOptions = {}): () => void {
  const { channel = openChannel(), now = recordTime } = options
  if (channel === null) return () => {}
  const self = randomName()
  if (options.channel === undefined) here.add(self)
  const peers = new Map<string, Peer>()

  const greet = () => channel.postMessage({ v: 1, type: 'hello', from: self, sentAt: now() } satisfies Message)
  /** The one that was silent for longest goes to make room. */
  const meet = (id: string): Peer => {
    const peer = peers.get(id) ?? { clock: null, tabs: new Set<string>() }
    peers.delete(id)
    peers.set(id, peer)
    const [oldest = id] = peers.keys()
    if (peers.size > peerLimit) peers.delete(oldest)
    return peer
  }
  const onMessage = ({ data }: { data: unknown }) => {
    const message = readMessage(data)
    if (message === null || here.has(message.from) || (message.type === 'snapshot' && message.to !== self)) return
    const isNew = !peers.has(message.from)
    const peer = meet(message.from)
    const arrivedAt = now()
    if (message.type === 'snapshot') peer.clock = measure(peer.clock, message.askedAt, message.sentAt, arrivedAt)
    else if (peer.clock === null) return isNew ? greet() : undefined
    else peer.clock = lift(peer.clock, message.sentAt, arrivedAt)
    take(message, peer, shiftOf(peer.clock))
  }
  const take = (message: Told, peer: Peer, shift: number) => {
    if (message.type === 'bye') {
      for (const tab of peer.tabs) model.silence(tab, message.sentAt + shift)
      peers.delete(message.from)
      return
    }
    const theirs = message.records.filter((record) => !model.localTabs.has(tabOf(record) as string))
    for (const tab of theirs.map(tabOf)) if (isWord(tab) && peer.tabs.size < peerLimit) peer.tabs.add(tab)
    model.addAll(theirs, shift)
  }
  channel.addEventListener('message', onMessage)
  greet()
  return () => {
    channel.removeEventListener('message', onMessage)
    channel.close()
  }
}

function tabOf(record: unknown): unknown {
  return (record as { tab?: unknown } | null)?.tab
}

type Told = Exclude<Message, { type: 'hello' }>

function readMessage(data: unknown): Told | null {
  const message = data as Partial<Told> | null
  if (message?.v !== 1 || !isWord(message.from) || !Number.isFinite(message.sentAt)) return null
  switch (message.type) {
    case 'bye':
      return message as Told
    case 'delta':
      return Array.isArray(message.records) ? (message as Told) : null
    case 'snapshot':
      return Array.isArray(message.records) && Number.isFinite(message.askedAt) ? (message as Told) : null
    default:
      return null
  }
}

/** `randomUUID` is there in secure contexts only, and a page under development may be none. */
function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 64
}

/** `null` where the platform has none: then there are no other tabs to hear from. */
function openChannel(): RelayChannel | null {
  return typeof BroadcastChannel === 'undefined' ? null : (new BroadcastChannel(relayChannelName) as RelayChannel)
}
