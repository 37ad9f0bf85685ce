import type { Call } from '../call.ts'
import type { History, Stored } from '../history.ts'
import { deedsOf, type Invariant, isLongJump, type Of, only } from './invariant.ts'

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

const leaves = new Set(['signOut', 'signOut everywhere', 'account signOut'])

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
const endsAttempts = new Set(['signOut', 'signOut everywhere'])

export const attemptsEnd: Invariant = {
  promise: 3,
  name: 'a sign-in that was under way when somebody signed out does not come through afterwards',
  *broken({ facts }) {
    /** Where each attempt was begun, by its key. */
    const begun = new Map<string, number>()
    /** Where a sign-out was called, of those that were done. */
    let done = -1
    const called = new Map<number, number>()
    for (const [at, fact] of facts.entries()) {
      if (fact.kind === 'deed' && fact.deed === 'writes lost') done = -1
      if (fact.kind === 'called') called.set(fact.call.id, at)
      if (fact.kind === 'settled' && endsAttempts.has(fact.call.operation) && fact.error === null)
        done = Math.max(done, called.get(fact.call.id) ?? -1)
      if (fact.kind !== 'wrote') continue
      const isArrival = fact.writes.some(({ after, before }) => after?.kind === 'slot' && before === null)
      for (const { before, after } of fact.writes) {
        if (after?.kind === 'attempt' && !begun.has(after.key)) begun.set(after.key, at)
        if (before?.kind === 'attempt' && !after && isArrival && (begun.get(before.key) ?? at) < done)
          yield `tab ${fact.tab} let a sign-in through that was begun before a sign-out`
      }
    }
  },
}

/** The user of the session that somebody asked to leave: a later one of the same account is left as well. `unknown` where it was not known yet. */
const whose = ({ about }: Call): string | null => (about === null || about === 'unknown' ? about : about.owner)

/** Another session is stored, or one that is there already is shown. */
const isAnother = (after: Stored | null, { key, session }: Extract<Stored, { kind: 'slot' }>): boolean =>
  (after?.kind === 'slot' && after.session !== session) ||
  (after?.kind === 'shown' && after.slot !== null && after.slot !== key)

/** What a caller is told who goes before what it asked for is over. */
const goesOn = new Set<string | null>(['timeout', 'aborted'])

const terminal = new Set(['rejected', 'revoked', 'reuse', 'expired', 'lost_answer'])

export const endsForAReason: Invariant = {
  promise: 5,
  name: 'a stored session ends by its owner, by a sign-in in its place, or by a terminal answer to its newest token',
  *broken({ facts }) {
    const refused = new Set<string>()
    /** Whom somebody has asked to leave, by tab. */
    const left = new Set<string>()
    /**
     * Sessions that had come, and were not shown yet, when somebody signed out, and those at the server whose tokens somebody brought: a
     * sign-in under way ends with it. By tab.
     */
    const caught = new Set<string>()
    const coming = new Map<string, Set<string>>()
    /** Who is on the way with tokens, also after its caller was told to wait no longer. Two who bring the same make one session. */
    const bringing = new Map<number, Call>()
    const endpoints = new Map<number, { endpoint: string; credential: string | null; server: string | null }>()
    const over = new Set<string>()
    let isFailing = false
    for (const fact of facts) {
      if (fact.kind === 'called' && leaves.has(fact.call.operation)) {
        const { tab } = fact.call
        left.add(`${tab} ${whose(fact.call)}`)
        if (endsAttempts.has(fact.call.operation)) {
          for (const id of coming.get(tab) ?? []) caught.add(`${tab} ${id}`)
          for (const call of bringing.values()) if (call.tab === tab) caught.add(`${tab} ${call.brings}`)
        }
      }
      if (fact.kind === 'called' && fact.call.brings !== null) bringing.set(fact.call.id, fact.call)
      if (fact.kind === 'settled' && !goesOn.has(fact.error)) bringing.delete(fact.call.id)
      if (fact.kind === 'snapshot' && fact.session) coming.get(fact.tab)?.delete(fact.session.id)
      if (fact.kind === 'sent') endpoints.set(fact.request, fact)
      if (fact.kind === 'aborted') isFailing = true
      if (fact.kind === 'answered') {
        const { endpoint, credential, server } = endpoints.get(fact.request) ?? {}
        if (fact.meaning === 'terminal' && endpoint === 'refresh' && credential) {
          refused.add(credential)
          // The newest token may be in memory only, where the store has not taken it: then the stored one is behind.
          if (isFailing && server !== null) over.add(server ?? '')
        }
      }
      if (fact.kind !== 'wrote') continue
      const tombstones = fact.writes.flatMap(({ after }) => (after?.kind === 'tombstone' ? [after] : []))
      for (const { before, after } of fact.writes) {
        if (after?.kind === 'slot' && !(before?.kind === 'slot' && before.session === after.session))
          coming.set(fact.tab, (coming.get(fact.tab) ?? new Set()).add(after.session))
      }
      for (const { before, after } of fact.writes) {
        if (before?.kind !== 'slot' || (after?.kind === 'slot' && after.session === before.session)) continue
        const why = tombstones.find(({ session }) => session === before.session)?.left
        const isRight =
          why === 'user'
            ? [before.owner, 'unknown'].some((owner) => left.has(`${fact.tab} ${owner}`)) ||
              [before.session, before.server].some((id) => caught.has(`${fact.tab} ${id}`))
            : why === 'replaced'
              ? fact.writes.some((it) => isAnother(it.after, before))
              : why !== undefined && terminal.has(why)
                ? (before.refresh !== null && refused.has(before.refresh)) ||
                  over.has(before.server ?? '') ||
                  (before.refresh === null && why === 'expired')
                : false
        if (!isRight)
          yield `tab ${fact.tab} ended session ${before.session} (${before.refresh}) as ${why ?? 'nothing'}, and nobody has said that it is over`
      }
    }
  },
}

export const toldForAReason: Invariant = {
  promise: 5,
  name: 'a client says that a session is over only when it is: left by somebody, cleared, or refused',
  *broken(history) {
    const { facts } = history
    /** Whose each session is. */
    const owners = new Map<string | null, string | null>()
    for (const [at, fact] of facts.entries()) {
      if ('session' in fact && fact.session) owners.set(fact.session.id, fact.session.owner)
      if (fact.kind !== 'event' || fact.event !== 'SIGNED_OUT') continue
      const before = facts.slice(0, at)
      const { reason, sessionId, client } = fact
      const isRight =
        reason === 'storage_cleared'
          ? before.some((it) => it.kind === 'deed' && isLossOfRecords(it))
          : before.some(
              (it) =>
                it.kind === 'wrote' &&
                it.writes.some(
                  ({ after }) =>
                    after?.kind === 'tombstone' &&
                    after.session === sessionId &&
                    // Who sees a departure and a new arrival at once tells it as a replacement.
                    (after.left === reason ||
                      reason === 'replaced' ||
                      (reason === 'other_tab' && after.left === 'user')),
                ),
            ) ||
            // Whatever becomes of it in the store, who signs out is told so.
            ((reason === 'user' || reason === 'other_tab') &&
              before.some(
                (it) =>
                  it.kind === 'called' &&
                  leaves.has(it.call.operation) &&
                  [owners.get(sessionId), 'unknown'].includes(whose(it.call)),
              ))
      if (!isRight) yield `${client} told the end of session ${sessionId} as ${reason}, which did not happen`
    }
  },
}

export const staysSignedIn: Invariant = {
  promise: 5,
  name: 'in the end a client shows the stored session that it has shown last',
  *broken(history) {
    const [end] = only(history, 'end')
    if (!end) return
    const stored = new Set(end.end.stored.flatMap((it) => (it.kind === 'slot' ? [it.session] : [])))
    const pointer = end.end.stored.find((it) => it.kind === 'shown')
    const pointed = end.end.stored.find(
      (it) => it.kind === 'slot' && pointer?.kind === 'shown' && it.key === pointer.slot,
    )
    for (const { client, status, session } of end.end.clients) {
      if (status === 'restoring') yield `${client} still restores`
      if (session) continue
      const last = only(history, 'snapshot').findLast((it) => it.client === client && it.session)?.session
      if (last && stored.has(last.id)) yield `${client} has left session ${last.id}, which is stored and alive`
      // Whose session has just ended shows nobody until there is a reason to look.
      else if (!last && pointed?.kind === 'slot')
        yield `${client} shows nobody, and session ${pointed.session} is stored to be shown`
    }
  },
}

/** The store has lost what was written down. */
const isLossOfRecords = (it: Of<'deed'>): boolean =>
  it.deed === 'store cleared' || it.deed === 'writes lost' || isLongJump(it)
