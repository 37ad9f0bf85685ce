import type { History, Stored } from '../history.ts'
import { deedsOf, type Invariant, movesClock, only } from './invariant.ts'

export const staysBuried: Invariant = {
  promise: 3,
  name: 'a session that was left is stored in no slot again',
  *broken({ facts }) {
    const left = new Set<string>()
    for (const fact of facts) {
      // What was not flushed is undone, departures too.
      if (fact.kind === 'deed' && fact.deed === 'writes lost') left.clear()
      if (fact.kind !== 'wrote') continue
      for (const { after } of fact.writes) {
        if (after?.kind === 'slot' && left.has(after.session))
          yield `tab ${fact.tab} stored session ${after.session} after it was left`
      }
      for (const { after } of fact.writes) if (after?.kind === 'tombstone') left.add(after.session)
    }
  },
}

export const leaves = new Set(['signOut', 'signOut everywhere', 'account signOut'])

/** The sign-outs that have done what they can: by tab, client and session, with the position where their caller was told. */
function* signOuts({ facts }: History) {
  for (const [at, fact] of facts.entries()) {
    if (fact.kind !== 'settled' || !leaves.has(fact.call.operation)) continue
    const { call, error } = fact
    if (call.about === null || call.about === 'unknown' || error === 'client_disposed') continue
    yield { at, tab: call.tab, client: call.client, session: call.about.id, error }
  }
}

export const notServedAgain: Invariant = {
  promise: 3,
  name: 'a session that was signed out is not shown again by this client, nor by a later one of its tab',
  *broken(history) {
    const { facts } = history
    for (const { at, tab, client, session } of signOuts(history)) {
      const later = new Set<string | null>([client])
      for (const fact of facts.slice(at + 1)) {
        if (fact.kind === 'client' && fact.tab === tab) later.add(fact.client)
        if (fact.kind === 'snapshot' && fact.tab === tab && later.has(fact.client) && fact.session?.id === session)
          yield `${fact.client} shows session ${session} again, which ${client} had signed out`
        if (
          fact.kind === 'settled' &&
          fact.session?.id === session &&
          fact.call.tab === tab &&
          later.has(fact.call.client)
        ) {
          const isAskedLater = facts.findIndex((it) => it.kind === 'called' && it.call === fact.call) > at
          if (isAskedLater)
            yield `${fact.call.client} hands out session ${session} again, which ${client} had signed out`
        }
      }
    }
  },
}

export const signedOutForGood: Invariant = {
  promise: 3,
  name: 'a session that was signed out is gone in the end, from the store and from every client',
  *broken(history) {
    const [end] = only(history, 'end')
    for (const { at, tab, session, error } of signOuts(history)) {
      const after = (deed: string): boolean =>
        deedsOf(history, deed).some((it) => it.at > at && (it.fact.tab === null || it.fact.tab === tab))
      // A delete that has failed is owed by the tab, and lost with it.
      if (after('writes lost') || (error !== null && after('killed'))) continue
      if (end?.end.stored.some((it) => it.kind === 'slot' && it.session === session))
        yield `session ${session} was signed out in tab ${tab} and is still stored`
      // Where there are no notices a client cannot know it yet.
      for (const shown of history.setting.channels ? (end?.end.clients ?? []) : [])
        if (shown.session?.id === session)
          yield `session ${session} was signed out in tab ${tab} and ${shown.client} still shows it`
    }
  },
}

/** An account that leaves ends no sign-in of others. */
export const endsAttempts = new Set(['signOut', 'signOut everywhere'])

export const attemptsEnd: Invariant = {
  promise: 3,
  name: 'a sign-in that was under way when somebody signed out does not come through afterwards',
  *broken({ facts }) {
    /** Where each attempt was begun, by its key. */
    const begun = new Map<string, number>()
    /** Where sign-outs were called, of those that were done, and in which tab. */
    let done: { readonly at: number; readonly tab: string }[] = []
    const called = new Map<number, number>()
    for (const [at, fact] of facts.entries()) {
      if (fact.kind === 'deed' && fact.deed === 'writes lost') done = []
      if (fact.kind === 'called') called.set(fact.call.id, at)
      if (fact.kind === 'settled' && endsAttempts.has(fact.call.operation) && fact.error === null)
        done.push({ at: called.get(fact.call.id) ?? -1, tab: fact.call.tab })
      if (fact.kind !== 'wrote') continue
      const isArrival = fact.writes.some(({ after, before }) => after?.kind === 'slot' && before === null)
      for (const { before, after } of fact.writes) {
        if (after?.kind === 'attempt' && !begun.has(after.key)) begun.set(after.key, at)
        if (!(before?.kind === 'attempt' && !after && isArrival)) continue
        const since = begun.get(before.key) ?? at
        if (done.some((leaving) => since < leaving.at && !looksLater({ facts }, since, leaving)))
          yield `tab ${fact.tab} let a sign-in through that was begun before a sign-out`
      }
    }
  },
}

/** Milliseconds: less is no move of a clock. */
const leap = 2_000

/**
 * Whether an attempt looks later than the sign-out that it came before: the clock was set back in between, from where it had been set ahead, or its device
 * had slept, since anybody in the tab of the sign-out had read it last. What another tab has read nobody there can know.
 */
function looksLater(
  { facts }: Pick<History, 'facts'>,
  begun: number,
  { at: called, tab }: { readonly at: number; readonly tab: string },
): boolean {
  /** By how much the wall clock is ahead of the time that has passed: now, at most before the attempt, and at most where the tab has read it. */
  let [ahead, before, known] = [0, 0, 0]
  for (const [at, fact] of facts.slice(0, called).entries()) {
    if (fact.kind === 'deed' && movesClock.includes(fact.deed)) ahead += fact.ms ?? 0
    if (at <= begun) before = Math.max(before, ahead)
    const hasBegun = fact.kind === 'wrote' && fact.writes.some(({ after }) => after?.kind === 'attempt')
    const hasLeft = fact.kind === 'called' && leaves.has(fact.call.operation)
    const isRead = fact.kind === 'client' || hasBegun
    if ((isRead && fact.tab === tab) || (hasLeft && fact.call.tab === tab)) known = Math.max(known, ahead)
  }
  return ahead < before && ahead > known - leap
}

/** Sign-ins that begin and end in one call. */
const signsInAtOnce = new Set(['signIn at once', 'signIn anonymously', 'signUp', 'verifyOtp'])

export const laterComesThrough: Invariant = {
  promise: 3,
  name: 'a sign-in that was begun after every sign-out is not discarded as left',
  *broken({ facts, setting }) {
    // A sign-out's turn comes when it gets the lock.
    if (setting.legacyLock) return
    /** When a sign-out was called last. */
    let asked = -Infinity
    for (const fact of facts) {
      // Markers are gone, or nobody can tell what began before.
      if (fact.kind === 'deed' && changesPast.includes(fact.deed)) return
      if (fact.kind === 'called' && leaves.has(fact.call.operation)) asked = fact.call.begunAt
      if (fact.kind !== 'settled' || !signsInAtOnce.has(fact.call.operation)) continue
      const { error, call } = fact
      if ((error === 'refresh_discarded' || error === 'attempt_superseded') && asked + 1 < call.begunAt)
        yield `${call.client} was told of its ${call.operation} (#${call.id}) that a sign-out came first, and none did`
    }
  },
}

export const waitingEnds: Invariant = {
  promise: 3,
  name: 'a sign-out that did not know yet whom it would end has ended who was shown last, unless somebody else was shown meanwhile',
  *broken({ facts, setting }) {
    // Its turn comes when it gets the lock.
    if (setting.legacyLock) return
    let shown: string | null = null
    const slots = new Map<string, Extract<Stored, { kind: 'slot' }>>()
    /** Which slot was shown when a sign-out was called. */
    const waiting = new Map<number, string>()
    /** By which call a tab was asked first to end a session: where the store has refused that, it is owed to it, whoever asks again. */
    const leaving = new Map<string, number>()
    for (const fact of facts) {
      // The store is not what was written any more, or nobody can tell what began before.
      if (
        fact.kind === 'deed' &&
        (changesPast.includes(fact.deed) || (setting.store === 'memory' && fact.deed === 'killed'))
      )
        return
      if (fact.kind === 'called' && leaves.has(fact.call.operation)) {
        const { id, operation, about, tab } = fact.call
        const meant = about === 'unknown' && endsAttempts.has(operation) ? shown : null
        if (meant) waiting.set(id, meant)
        const session = meant ? slots.get(meant)?.session : about && about !== 'unknown' && about.id
        if (session && !leaving.has(`${tab} ${session}`)) leaving.set(`${tab} ${session}`, id)
      }
      if (fact.kind === 'settled' && fact.error === null) {
        const slot = slots.get(waiting.get(fact.call.id) ?? '')
        const isFirst = slot && leaving.get(`${fact.call.tab} ${slot.session}`) === fact.call.id
        if (isFirst && slot.begun + 1 < fact.call.begunAt)
          yield `${fact.call.client} signed out (#${fact.call.id}), and session ${slot.session}, which was shown last, is still stored`
      }
      if (fact.kind !== 'wrote') continue
      for (const { before, after } of fact.writes) {
        if (before?.kind === 'slot') slots.delete(before.key)
        if (after?.kind === 'slot') slots.set(after.key, after)
        if (after?.kind !== 'shown') continue
        shown = after.slot
        if (shown) waiting.clear()
      }
    }
  },
}

const changesPast = ['writes lost', 'store cleared', ...movesClock]
