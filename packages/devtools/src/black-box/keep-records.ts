import { recorderHook, type AuthRecord, type RecorderHook } from '@authflight/client'
import { readRecord } from '../model/record-shape.ts'
import { recordTime } from '../model/relay.ts'
import { Cost } from '../model/cost.ts'
import { eachSource } from '../model/sources.ts'
import { readClocks } from './clocks.ts'
import { type Database, openDatabase } from './database.ts'
import { lastOf, limits, type Row } from './limits.ts'

export interface BlackBoxOptions {
  /** Where the records come from. Default: this realm's. */
  readonly hook?: RecorderHook
  /** Default: the browser's. */
  readonly factory?: IDBFactory
}

/** Milliseconds after which records are written though the page is never idle. */
const patience = 1_000

/** Of those who keep in this page: writes what is not written yet, before somebody reads. */
export const flushers = new Set<() => Promise<void>>()

/** Until when all is forgotten, epoch milliseconds, in what a hook still knows after site data was cleared. */
const wipes = new WeakMap<RecorderHook, number>()

/**
 * Keeps the last records of this page in IndexedDB, beside those of other tabs and of earlier visits: at most 500 in all, 256 kB of
 * JSON, seven days. So a redirect to the sign-in page, just when the evidence is needed, takes nothing with it. Written when the page is
 * idle, and when it is hidden or left. Nothing happens outside of a page, or where the browser has no IndexedDB or refuses it. It reads
 * the recorder only: whatever the store does, no refresh waits for it or hears of it.
 *
 * @returns the way to stop; what is kept stays
 */
export function keepRecords({ hook = recorderHook(), factory }: BlackBoxOptions = {}): () => void {
  if (typeof document === 'undefined') return () => {}
  /** By id, oldest first. */
  const pending = new Map<string, AuthRecord>()
  let database: Database | null = null
  let working: Promise<void> | null = null
  let isDue = false
  /** In a storm most of what is written makes room for what comes next. */
  const cost = new Cost()
  let isOver = false

  /** The recorder may be forged: what has not the shape of a record is not kept. */
  function take(value: unknown): void {
    const record = readRecord(value)
    if (!record || lastOf(record) <= (wipes.get(hook) ?? 0)) return
    pending.delete(record.id)
    pending.set(record.id, record)
    // What does not fit anyway, because nothing can be written or a storm is on, is let go here.
    for (const [oldest] of pending) if (pending.size > limits.records) pending.delete(oldest)
    if (!isDue) void writeSoon()
  }

  /** Once at a time, and less often where that takes long. */
  async function writeSoon(): Promise<void> {
    isDue = true
    await working
    setTimeout(whenIdle, Math.min(cost.left(), patience), () => {
      isDue = false
      void flush()
    })
  }

  /** One task at a time: a store that does not answer is asked once. */
  async function flush(): Promise<void> {
    await working
    await (working ?? begin(write))
  }

  function begin(task: () => Promise<unknown>): Promise<void> {
    return (working = attempt(task).finally(() => (working = null)))
  }

  async function attempt(task: () => Promise<unknown>): Promise<void> {
    try {
      if (!isOver) await task()
    } catch {
      // A full disk, a private window: then these are not kept. Nobody is to suffer from it.
      disconnect()
    }
    if (isOver) disconnect()
  }

  async function connect(): Promise<Database> {
    return (database ??= await openDatabase(factory ?? indexedDB, () => {
      // Site data was cleared while the page lives: who did that does not want to see again what it still knows.
      database = null
      pending.clear()
      wipes.set(hook, recordTime())
    }))
  }

  async function write(): Promise<void> {
    if (pending.size === 0) return
    await connect()
      .then((it) => it.write(takePending(), recordTime()))
      .finally(cost.measure())
  }

  /** The page may be gone with the next task: what can be written is on its way before this returns. */
  function writeLast(): void {
    // The connection may have been closed from outside.
    database?.write(takePending(), recordTime(), 'last').catch(() => {})
  }

  function takePending(): Row[] {
    const clocks = readClocks()
    const rows = [...pending].map(([id, record]) => ({ id, record, clocks }))
    pending.clear()
    return rows
  }

  function disconnect(): void {
    database?.close()
    database = null
  }

  const leaving = new AbortController()
  const { signal } = leaving
  addEventListener('pagehide', writeLast, { signal })
  document.addEventListener('visibilitychange', () => document.hidden && writeLast(), { signal })
  flushers.add(flush)
  // A page may be sent to sign in before it was ever idle: what it writes last needs a connection that is there. Nobody has made room
  // for what the pages before wrote last.
  void begin(() => connect().then((it) => it.write([], recordTime())))
  const stopReading = eachSource(hook, (source) => source.snapshot().forEach(take), take)
  return () => {
    isOver = true
    flushers.delete(flush)
    leaving.abort()
    stopReading()
    writeLast()
    disconnect()
  }
}

function whenIdle(task: () => void): void {
  // Safari has none.
  if (typeof requestIdleCallback === 'function') requestIdleCallback(task, { timeout: patience })
  else setTimeout(task, patience / 4)
}
