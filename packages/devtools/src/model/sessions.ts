import type { AuthRecord } from '@authflight/client'
import type { Flight } from './flights.ts'
import { number, text } from './names.ts'
import { search } from './track.ts'

/** One token of a session: the revision it was committed as, on screen a "generation". */
export interface Generation {
  readonly session: string
  readonly revision: number
  from: number
  /** When the token dies, as told last; `Infinity` where no lifetime is known. */
  expiresAt: number
  /** When the refresh token dies that came with it; `Infinity` where the server does not tell. */
  refreshExpiresAt: number
  /** When that was told. */
  toldAt: number
  /** The id of the record that told of it first. */
  record: string
}

export interface SessionHistory {
  readonly id: string
  account: string | null
  /** Sorted by `from`. */
  readonly generations: Generation[]
  readonly byRevision: Map<number, Generation>
  /** Flights that set out to renew it, in order of arrival. */
  readonly flights: Flight[]
  /** Ids of all records that tell of its end: one a client that knew it. */
  readonly ends: string[]
  endedAt: number | null
  endReason: string | null
  /** The id of the record that tells why it ended. */
  endRecord: string | null
  /** The time of that record. */
  endToldAt: number
  /** The id of the first record that shows it gone and does not tell why. */
  goneRecord: string | null
  /** The time of that record. */
  goneAt: number
  /** The timer that each client has armed and that has not fired; none once the session ended. */
  readonly timers: Map<string, Timer>
}

interface Timer {
  readonly tab: string
  readonly client: string
  readonly dueAt: number
}

/** What the records tell of sessions: whose they are, which tokens they had, when and why they ended. */
export class Sessions {
  readonly all = new Map<string, SessionHistory>()

  of(id: string): SessionHistory {
    const found = this.all.get(id)
    if (found !== undefined) return found
    const made: SessionHistory = {
      id,
      account: null,
      generations: [],
      byRevision: new Map(),
      flights: [],
      ends: [],
      endedAt: null,
      endReason: null,
      endRecord: null,
      endToldAt: Infinity,
      goneRecord: null,
      goneAt: Infinity,
      timers: new Map(),
    }
    this.all.set(id, made)
    return made
  }

  /** Takes what the record tells. `true` when it told whose session it is, and that was not known before. */
  learn(record: AuthRecord): boolean {
    const id = text(record.attributes, 'session.id')
    if (id === undefined) return false
    const session = this.of(id)
    const { tab, client } = record
    switch (record.name) {
      case 'authflight.record.committed':
        this.#addGeneration(session, record)
        break
      case 'authflight.record.store_change':
        if (text(record.attributes, 'store.change') === 'ended') endSession(session, record, undefined)
        else this.#addGeneration(session, record)
        break
      case 'authflight.session_end':
        if (!session.ends.includes(record.id)) session.ends.push(record.id)
        endSession(session, record, text(record.attributes, 'session_end.reason'))
        break
      case 'authflight.record.event':
        if (text(record.attributes, 'event.name') === 'SIGNED_OUT')
          endSession(session, record, text(record.attributes, 'session_end.reason'))
        break
      case 'authflight.record.timer_armed':
        if (session.endedAt === null) session.timers.set(`${tab} ${client}`, { tab, client, dueAt: dueAt(record) })
        break
      case 'authflight.record.timer_fired':
        session.timers.delete(`${tab} ${client}`)
        break
    }
    return this.#learnAccount(session, record)
  }

  #learnAccount(session: SessionHistory, record: AuthRecord): boolean {
    const account = text(record.attributes, 'account.id')
    if (account === undefined || session.account !== null) return false
    session.account = account
    return true
  }

  /** Every tab tells of the same revision: the earliest to tell says when it began, the latest when it dies. */
  #addGeneration(session: SessionHistory, record: AuthRecord): void {
    const revision = number(record.attributes, 'session.revision')
    if (revision === undefined) return
    const at = record.startedAt
    const dies = (token: string) => at + (number(record.attributes, token) ?? Infinity) * 1000
    const told = {
      toldAt: at,
      expiresAt: dies('token.expires_in'),
      refreshExpiresAt: dies('token.refresh_expires_in'),
    }
    const { generations, byRevision } = session
    const known = byRevision.get(revision)
    if (known !== undefined && at > known.toldAt) Object.assign(known, told)
    if (known !== undefined && at >= known.from) return
    if (known !== undefined) generations.splice(generations.indexOf(known), 1)
    const generation = { session: session.id, revision, ...told, ...known, from: at, record: record.id }
    const isLater = ({ from, revision: other }: Generation) => from > at || (from === at && other > revision)
    generations.splice(
      search(0, generations.length, (index) => isLater(generations[index]!)),
      0,
      generation,
    )
    byRevision.set(revision, generation)
    if (generations.length > maxGenerations) byRevision.delete(generations.shift()!.revision)
  }
}

function dueAt({ startedAt, attributes }: AuthRecord): number {
  return startedAt + (number(attributes, 'timer.due_in') ?? 0) * 1000
}

const maxGenerations = 5_000

/** The earliest to tell says when; why is told by the earliest who knows more than that another tab did it, in whatever order they come. */
function endSession(session: SessionHistory, record: AuthRecord, reason: string | undefined): void {
  session.endedAt = Math.min(session.endedAt ?? Infinity, record.startedAt)
  session.timers.clear()
  if (reason === undefined) {
    if (record.startedAt < session.goneAt)
      Object.assign(session, { goneRecord: record.id, goneAt: record.startedAt } satisfies Partial<SessionHistory>)
    return
  }
  const isFollower = reason === 'other_tab'
  const wasFollower = session.endReason === 'other_tab'
  const isBetter = isFollower === wasFollower ? record.startedAt < session.endToldAt : wasFollower
  if (session.endReason !== null && !isBetter) return
  session.endReason = reason
  session.endRecord = record.id
  session.endToldAt = record.startedAt
}
