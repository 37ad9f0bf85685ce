import type { Call } from '../call.ts'
import type { Fact, History, Stored } from '../history.ts'
import { endsAttempts, leaves } from './departures.ts'

type Slot = Extract<Stored, { kind: 'slot' }>

/** Whom the sign-outs of each tab may end, as far as the history has come. */
export interface Departing {
  see(fact: Fact): void
  /** Whether somebody in this tab has asked for the end of this session. */
  has(tab: string, slot: Slot): boolean
}

/** What a caller is told who goes before what it asked for is over. */
const goesOn = new Set<string | null>(['timeout', 'aborted'])

/** What sets the wall clock apart from the time that has passed. */
const movesClock = new Set(['clock jumped', 'slept'])

/** Another session than before has come into a slot. */
function* arrivalsIn({ writes }: Extract<Fact, { kind: 'wrote' }>): Generator<Slot> {
  for (const { before, after } of writes)
    if (after?.kind === 'slot' && !(before?.kind === 'slot' && before.session === after.session)) yield after
}

export function createDeparting({ legacyLock }: History['setting']): Departing {
  /** When the end of a user's sessions was asked for last: one that began before, or in the same millisecond, is meant, too. By tab. */
  const owners = new Map<string, number>()
  /** Sessions, and those at the server whose tokens somebody brought. By tab. */
  const sessions = new Set<string>()
  const stored: Slot[] = []
  /** Sessions that are not shown yet, by the tab that stored them: a sign-in under way ends with a sign-out. */
  const coming = new Map<string, Set<string>>()
  /** Who is on the way with tokens, also after its caller was told to wait no longer. Two who bring the same make one session. */
  const bringing = new Map<number, Call>()
  /** Sign-outs that do not know yet whom they end. */
  const waiting = new Map<number, Call>()
  const clients = new Map<string, Set<string>>()
  /** Nobody can tell what began before who has seen the clock move, nor when a sign-out got the lock. */
  let isTimeless = legacyLock

  const within = (sets: Map<string, Set<string>>, tab: string): Set<string> => {
    const set = sets.get(tab) ?? new Set<string>()
    sets.set(tab, set)
    return set
  }

  const mean = ({ tab, begunAt }: Call, { session, owner }: Pick<Slot, 'session' | 'owner'>): void => {
    sessions.add(`${tab} ${session}`)
    owners.set(`${tab} ${owner}`, begunAt)
  }

  function called(call: Call): void {
    if (call.brings !== null) bringing.set(call.id, call)
    if (!leaves.has(call.operation)) return
    const { tab, about } = call
    if (about === 'unknown') {
      waiting.set(call.id, call)
      for (const slot of stored) mean(call, slot)
    } else if (about) mean(call, { session: about.id, owner: about.owner })
    if (!endsAttempts.has(call.operation)) return
    for (const id of within(coming, tab)) sessions.add(`${tab} ${id}`)
    for (const other of bringing.values()) if (other.tab === tab) sessions.add(`${tab} ${other.brings}`)
  }

  /** Whoever is shown first is who is meant; under the legacy lock, whoever is when it is given. */
  function showed({ tab, client, status, session }: Extract<Fact, { kind: 'snapshot' }>): void {
    if (session) within(coming, tab).delete(session.id)
    if (status === 'restoring' || legacyLock) return
    for (const call of waiting.values())
      if (call.client === client && endsAttempts.has(call.operation)) waiting.delete(call.id)
  }

  function wrote(fact: Extract<Fact, { kind: 'wrote' }>): void {
    for (const slot of arrivalsIn(fact)) {
      within(coming, fact.tab).add(slot.session)
      stored.push(slot)
      // Whom others let in is found by who still looks. Whom a client lets in itself has come after its sign-out was called.
      for (const call of waiting.values())
        if (call.tab !== fact.tab || within(clients, call.tab).size > 1 || legacyLock) mean(call, slot)
    }
  }

  return {
    see(fact) {
      if (fact.kind === 'client') within(clients, fact.tab).add(fact.client)
      else if (fact.kind === 'called') called(fact.call)
      else if (fact.kind === 'snapshot') showed(fact)
      else if (fact.kind === 'wrote') wrote(fact)
      else if (fact.kind === 'deed' && movesClock.has(fact.deed)) isTimeless = true
      else if (fact.kind === 'settled' && !goesOn.has(fact.error)) {
        bringing.delete(fact.call.id)
        waiting.delete(fact.call.id)
      }
    },
    has(tab, { owner, session, server, begun }) {
      const askedAt = owners.get(`${tab} ${owner}`)
      return (
        (askedAt !== undefined && (isTimeless || begun < askedAt + 1)) ||
        [session, server].some((id) => sessions.has(`${tab} ${id}`))
      )
    },
  }
}
