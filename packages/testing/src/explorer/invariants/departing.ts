import type { Call } from '../call.ts'
import type { Fact, Stored, History } from '../history.ts'
import { endsAttempts, leaves } from './departures.ts'

/** Whom the sign-outs of each tab may end, as far as the history has come. */
export interface Departing {
  see(fact: Fact): void
  /** Whether somebody in this tab has asked for the end of this session. */
  has(tab: string, slot: Extract<Stored, { kind: 'slot' }>): boolean
}

/** What a caller is told who goes before what it asked for is over. */
const goesOn = new Set<string | null>(['timeout', 'aborted'])

/** Another session than before has come into a slot. */
function* arrivalsIn({ writes }: Extract<Fact, { kind: 'wrote' }>): Generator<string> {
  for (const { before, after } of writes)
    if (after?.kind === 'slot' && !(before?.kind === 'slot' && before.session === after.session)) yield after.session
}

export function createDeparting({ legacyLock }: History['setting']): Departing {
  /** Whoever's sign-out was asked for: a later session of the same user is left as well. By tab. */
  const owners = new Set<string>()
  /** Sessions, and those at the server whose tokens somebody brought. By tab. */
  const sessions = new Set<string>()
  /** Sessions that have been stored. */
  const stored = new Set<string>()
  /** Those that are not shown yet, by the tab that stored them: a sign-in under way ends with a sign-out. */
  const coming = new Map<string, Set<string>>()
  /** Who is on the way with tokens, also after its caller was told to wait no longer. Two who bring the same make one session. */
  const bringing = new Map<number, Call>()
  /** Sign-outs that do not know yet whom they end. */
  const waiting = new Map<number, Call>()
  const clients = new Map<string, Set<string>>()

  const within = (sets: Map<string, Set<string>>, tab: string): Set<string> => {
    const set = sets.get(tab) ?? new Set<string>()
    sets.set(tab, set)
    return set
  }

  function called(call: Call): void {
    if (call.brings !== null) bringing.set(call.id, call)
    if (!leaves.has(call.operation)) return
    const { tab, about } = call
    if (about === 'unknown') {
      waiting.set(call.id, call)
      for (const id of stored) sessions.add(`${tab} ${id}`)
    } else if (about) owners.add(`${tab} ${about.owner}`)
    if (!endsAttempts.has(call.operation)) return
    for (const id of within(coming, tab)) sessions.add(`${tab} ${id}`)
    for (const other of bringing.values()) if (other.tab === tab) sessions.add(`${tab} ${other.brings}`)
  }

  /** Whoever is shown first is who is meant; under the legacy lock, whoever is when it is given. */
  function showed({ tab, client, status, session }: Extract<Fact, { kind: 'snapshot' }>): void {
    if (session) within(coming, tab).delete(session.id)
    if (status === 'restoring' || legacyLock) return
    for (const call of waiting.values()) {
      if (call.client !== client || !endsAttempts.has(call.operation)) continue
      waiting.delete(call.id)
      if (session) owners.add(`${tab} ${session.owner}`)
    }
  }

  function wrote(fact: Extract<Fact, { kind: 'wrote' }>): void {
    for (const id of arrivalsIn(fact)) {
      within(coming, fact.tab).add(id)
      stored.add(id)
      // Whom others let in is found by who still looks. Whom a client lets in itself has come after its sign-out was called.
      for (const { tab } of waiting.values())
        if (tab !== fact.tab || within(clients, tab).size > 1 || legacyLock) sessions.add(`${tab} ${id}`)
    }
  }

  return {
    see(fact) {
      if (fact.kind === 'client') within(clients, fact.tab).add(fact.client)
      else if (fact.kind === 'called') called(fact.call)
      else if (fact.kind === 'snapshot') showed(fact)
      else if (fact.kind === 'wrote') wrote(fact)
      else if (fact.kind === 'settled' && !goesOn.has(fact.error)) {
        bringing.delete(fact.call.id)
        waiting.delete(fact.call.id)
      }
    },
    has: (tab, { owner, session, server }) =>
      owners.has(`${tab} ${owner}`) || [session, server].some((id) => sessions.has(`${tab} ${id}`)),
  }
}
