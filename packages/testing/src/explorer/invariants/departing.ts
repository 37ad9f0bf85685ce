import type { Call } from '../call.ts'
import type { Fact, History, Stored } from '../history.ts'
import { endsAttempts, leaves } from './departures.ts'
import { movesClock } from './invariant.ts'

type Slot = Extract<Stored, { kind: 'slot' }>

/** Whom the sign-outs of each tab may end, as far as the history has come. */
export interface Departing {
  see(fact: Fact): void
  /** Whether somebody in this tab has asked for the end of this session. */
  has(tab: string, slot: Slot): boolean
}

/** What a caller is told who goes before what it asked for is over. */
const goesOn = new Set<string | null>(['timeout', 'aborted'])

/** Another session than before has come into a slot. */
function* arrivalsIn({ writes }: Extract<Fact, { kind: 'wrote' }>): Generator<string> {
  for (const { before, after } of writes)
    if (after?.kind === 'slot' && !(before?.kind === 'slot' && before.session === after.session)) yield after.session
}

/** Stands for the user of a sign-out that did not know whom it would end. */
const anybody = '*'

export function createDeparting({ legacyLock }: History['setting']): Departing {
  /** When the end of a user's sessions was asked for last: one that began before, or in the same millisecond, is meant, too. By tab. */
  const owners = new Map<string, number>()
  /** Sessions that were shown, or not yet, when somebody signed out, and those at the server whose tokens somebody brought. By tab. */
  const sessions = new Set<string>()
  /** Sessions that are not shown yet, by the tab that stored them: a sign-in under way ends with a sign-out. */
  const coming = new Map<string, Set<string>>()
  /** Who is on the way with tokens, also after its caller was told to wait no longer. Two who bring the same make one session. */
  const bringing = new Map<number, Call>()
  /** Nobody can tell what began before who has seen the clock move, nor when a sign-out got the lock. */
  let isTimeless = legacyLock

  function called(call: Call): void {
    const { tab, operation, about, begunAt } = call
    if (call.brings !== null) bringing.set(call.id, call)
    if (!leaves.has(operation) || about === null) return
    owners.set(`${tab} ${about === 'unknown' ? anybody : about.owner}`, begunAt)
    if (about !== 'unknown') sessions.add(`${tab} ${about.id}`)
  }

  function endComing({ tab, operation }: Call): void {
    if (!endsAttempts.has(operation)) return
    for (const session of coming.get(tab) ?? []) sessions.add(`${tab} ${session}`)
    for (const other of bringing.values()) if (other.tab === tab) sessions.add(`${tab} ${other.brings}`)
  }

  return {
    see(fact) {
      if (fact.kind === 'called') {
        called(fact.call)
        endComing(fact.call)
      } else if (fact.kind === 'snapshot' && fact.session) coming.get(fact.tab)?.delete(fact.session.id)
      else if (fact.kind === 'wrote') {
        for (const session of arrivalsIn(fact)) coming.set(fact.tab, (coming.get(fact.tab) ?? new Set()).add(session))
      } else if (fact.kind === 'deed' && movesClock.includes(fact.deed)) isTimeless = true
      else if (fact.kind === 'settled' && !goesOn.has(fact.error)) bringing.delete(fact.call.id)
    },
    has(tab, { owner, session, server, begun }) {
      const isAsked = [owner, anybody].some((user) => {
        const askedAt = owners.get(`${tab} ${user}`)
        return askedAt !== undefined && (isTimeless || begun < askedAt + 1)
      })
      return isAsked || [session, server].some((id) => sessions.has(`${tab} ${id}`))
    },
  }
}
