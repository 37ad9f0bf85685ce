import { recorderHook } from '@authflight/client'
import type { Recording } from '../formats/recording.ts'
import { recordTime } from '../model/relay.ts'
import { eachSource } from '../model/sources.ts'
import { lineUp, readClocks } from './clocks.ts'
import { type Database, openDatabase } from './database.ts'
import { flushers } from './keep-records.ts'
import { sift } from './limits.ts'

/** A database that does not answer for so long, milliseconds, has nothing to tell: one of a busy machine may take some seconds. */
const patience = 10_000

/**
 * What the pages of this origin have kept, this one's until now included, oldest first and on this page's clock. Give it to `explain`. Empty
 * where nothing is kept or can be read: it never rejects.
 *
 * @param factory default: the browser's
 */
export async function recallRecords(factory?: IDBFactory): Promise<Recording> {
  const kept = await ask(async (database) => {
    const rows = await database.readAll()
    return lineUp(sift(rows, recordTime()).kept, rows, tabsHere(), readClocks())
  }, factory)
  return { v: 1, records: kept ?? [] }
}

/** Forgets what is kept, of all tabs and visits, and what pages that live have recorded until now. Never rejects. */
export const forgetRecords = (factory?: IDBFactory): Promise<void> =>
  ask((database) => database.clear(recordTime()), factory)

/** The tabs that clients in this page record as. */
function tabsHere(): Set<string> {
  const tabs = new Set<string>()
  eachSource(
    recorderHook(),
    ({ tab }) => tabs.add(tab),
    () => {},
  )()
  return tabs
}

/** @returns undefined where the database fails, or does not answer */
function ask<T>(task: (database: Database) => Promise<T>, factory?: IDBFactory): Promise<T | undefined> {
  const giveUp = () => undefined
  async function run(): Promise<T> {
    await Promise.all([...flushers].map((flush) => flush()))
    const database = await openDatabase(factory ?? indexedDB, giveUp)
    return task(database).finally(database.close)
  }
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patience))
  return Promise.race([run().catch(giveUp), late])
}
