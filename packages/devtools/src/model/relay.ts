import { recorderHook, type AuthRecord, type RecorderHook, type RecordSource } from '@authflight/client'
import { type ClockEstimate, lift, measure, shiftOf } from './clock-offset.ts'
import type { RecordModel } from './record-model.ts'
import { isWord } from './record-shape.ts'
import { eachSource } from './sources.ts'
import { whileShown } from './while-shown.ts'

/** What two panels in two tabs say to each other. Records only; any of it may be forged. */
type Message =
  | { v: 1; type: 'hello'; from: string; sentAt: number }
  | { v: 1; type: 'ping'; from: string; sentAt: number }
  | { v: 1; type: 'bye'; from: string; sentAt: number }
  | { v: 1; type: 'snapshot'; from: string; to: string; askedAt: number; sentAt: number; records: readonly unknown[] }
  | { v: 1; type: 'delta'; from: string; sentAt: number; records: readonly unknown[] }

/** The part of a BroadcastChannel that the relay uses. */
export interface RelayChannel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  close(): void
}

export interface RelayOptions {
  readonly hook?: RecorderHook
  /** Opens a channel, anew whenever the page comes back; `null` where none is to be had. */
  readonly open?: () => RelayChannel | null
  /** Epoch milliseconds on the clock that stamps records. */
  readonly now?: () => number
}

export const relayChannelName = 'authflight:records'
/** Those who speak in this very page: a channel brings their own words back to them. */
const here = new Set<string>()
const batchEvery = 50
const batchLimit = 2_000
const peerLimit = 256
/** Milliseconds within which a tab that lives has answered a ping: messages come through to hidden pages too. */
const pulse = 5_000

/** The clock that stamps records. */
export function recordTime(): number {
  return performance.timeOrigin + performance.now()
}

/**
 * Tells the records of this tab to panels in other tabs: all of them to one that says hello, then what is new, batched per
 * 50 ms. Answers a ping with what it has, if only nothing. Never passes on what came from another tab. Returns the way to stop.
 */
export function shareRecords(options: RelayOptions = {}): () => void {
  return whileShown(() => share(options))
}

function share({ hook = recorderHook(), open = openChannel, now = recordTime }: RelayOptions): () => void {
  const channel = open()
  if (channel === null) return () => {}
  const from = randomName()
  const say = speakerOf(channel, from, now)
  const forget = open === openChannel ? remember(from) : undefined
  /** Nobody has asked yet: then nothing is copied for nobody. */
  let isHeard = false
  const sources = new Set<RecordSource>()
  let batch: AuthRecord[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (isHeard) say('delta', { records: batch })
    batch = []
  }
  const collect = (record: AuthRecord) => {
    batch.push(record)
    if (batch.length >= batchLimit) flush()
    else timer ??= setTimeout(flush, batchEvery)
  }
  const snapshot = () => [...sources].flatMap((source) => source.snapshot())
  const onMessage = ({ data }: { data: unknown }) => {
    const message = readMessage(data)
    if (message?.type === 'ping') flush()
    if (message?.type !== 'hello') return
    isHeard = true
    say('snapshot', { to: message.from, askedAt: message.sentAt, records: snapshot() })
  }
  channel.addEventListener('message', onMessage)
  const stopReading = eachSource(
    hook,
    (source) => {
      sources.add(source)
      // Who does not know this tab yet greets it, and is answered with everything.
      say('delta', { records: isHeard ? source.snapshot() : [] })
    },
    collect,
  )
  return () => {
    stopReading()
    if (timer !== undefined) flush()
    say('bye')
    channel.removeEventListener('message', onMessage)
    channel.close()
    forget?.()
  }
}

/** A tab that shares; without a clock until it has answered a hello. */
interface Peer {
  clock: ClockEstimate | null
  /** On our clock. */
  heardAt: number
  /** Nothing has been heard since it was pinged. */
  isAsked: boolean
  readonly tabs: Set<string>
}

/**
 * Reads what other tabs share into the model: says hello, takes their snapshots and deltas, and moves their times onto this
 * tab's clock. A tab heard of for the first time is greeted, and read once its answer has told its clock. While something is
 * under way all are pinged, and who does not answer is taken for gone, until it speaks again. What is not a record is dropped and
 * counted by the model. Returns the way to stop.
 */
export function readOtherTabs(model: RecordModel, options: RelayOptions = {}): () => void {
  return whileShown(() => readChannel(model, options))
}

function readChannel(model: RecordModel, { open = openChannel, now = recordTime }: RelayOptions): () => void {
  const channel = open()
  if (channel === null) return () => {}
  const self = randomName()
  const say = speakerOf(channel, self, now)
  const forget = open === openChannel ? remember(self) : undefined
  const peers = new Map<string, Peer>()

  /** The one that was silent for longest goes to make room. */
  const meet = (id: string): Peer => {
    const peer = peers.get(id) ?? { clock: null, tabs: new Set<string>(), heardAt: 0, isAsked: false }
    peer.heardAt = now()
    peer.isAsked = false
    peers.delete(id)
    peers.set(id, peer)
    const [oldest = id] = peers.keys()
    if (peers.size > peerLimit) peers.delete(oldest)
    return peer
  }
  const onMessage = ({ data }: { data: unknown }) => {
    const message = readMessage(data)
    if (message === null || message.type === 'hello' || message.type === 'ping') return
    if (message.type === 'snapshot' && message.to !== self) return
    const isNew = !peers.has(message.from)
    const peer = meet(message.from)
    const arrivedAt = peer.heardAt
    if (message.type === 'snapshot') peer.clock = measure(peer.clock, message.askedAt, message.sentAt, arrivedAt)
    else if (peer.clock === null) return isNew ? say('hello') : undefined
    else peer.clock = lift(peer.clock, message.sentAt, arrivedAt)
    if (message.type === 'bye') leave(message.from, peer)
    else take(message.records, peer, shiftOf(peer.clock))
  }
  const leave = (id: string, { tabs, heardAt }: Peer) => {
    for (const tab of tabs) model.silence(tab, heardAt)
    peers.delete(id)
  }
  const take = (records: readonly unknown[], peer: Peer, shift: number) => {
    const theirs = records.filter((record) => !model.localTabs.has(tabOf(record) as string))
    for (const tab of theirs.map(tabOf)) if (isWord(tab) && peer.tabs.size < peerLimit) peer.tabs.add(tab)
    model.addAll(theirs, shift)
  }
  channel.addEventListener('message', onMessage)
  say('hello')
  const timer = setInterval(() => {
    if (model.open.size === 0) return
    for (const [id, peer] of peers) {
      if (peer.isAsked) leave(id, peer)
      peer.isAsked = true
    }
    say('ping')
  }, pulse)
  return () => {
    clearInterval(timer)
    channel.removeEventListener('message', onMessage)
    channel.close()
    forget?.()
  }
}

/** Returns the way to forget it, once its last words have come back. */
function remember(name: string): () => void {
  here.add(name)
  return () => void setTimeout(() => here.delete(name), pulse)
}

function speakerOf(channel: RelayChannel, from: string, now: () => number) {
  return (type: Message['type'], more: object = {}) => channel.postMessage({ v: 1, type, from, sentAt: now(), ...more })
}

function tabOf(record: unknown): unknown {
  return (record as { tab?: unknown } | null)?.tab
}

/** What another page says; `null` where it has not the shape of a message. */
function readMessage(data: unknown): Message | null {
  const message = data as Message | null
  if (message?.v !== 1 || !isWord(message.from) || here.has(message.from) || !Number.isFinite(message.sentAt))
    return null
  switch (message.type) {
    case 'hello':
    case 'ping':
    case 'bye':
      return message
    case 'delta':
      return Array.isArray(message.records) ? message : null
    case 'snapshot':
      return Array.isArray(message.records) && Number.isFinite(message.askedAt) ? message : null
    default:
      return null
  }
}

/** `randomUUID` is there in secure contexts only, and a page under development may be none. */
function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** `null` where the platform has none: then there are no other tabs to hear from. */
function openChannel(): RelayChannel | null {
  return typeof BroadcastChannel === 'undefined' ? null : (new BroadcastChannel(relayChannelName) as RelayChannel)
}
