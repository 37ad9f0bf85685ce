import type { Call } from '../call.ts'
import type { Fact, History, SessionView } from '../history.ts'
import { awake, deedsOf, type Invariant, only } from './invariant.ts'
import { slack } from './settling.ts'

/** Operations that give a caller the session that was there when it asked. */
const asks = new Set(['getSession', 'refreshSession', 'account getSession', 'account refreshSession'])

export const whatWasAskedFor: Invariant = {
  promise: 2,
  name: 'a caller gets something of the user whom it asked for, or of nobody: who was shown, whose tokens it brought, or who came',
  *broken(history) {
    for (const { call, owner } of only(history, 'settled')) {
      if (owner !== null && call.whom !== null && owner !== call.whom)
        yield `${call.operation} of ${call.client} asked for ${call.whom} and got what is ${owner}'s`
    }
  },
}

const refreshes = new Set(['refreshSession', 'account refreshSession'])

export const refreshed: Invariant = {
  promise: 6,
  name: 'who asks for a refresh gets a later revision, or an error',
  *broken(history) {
    const { patience } = history.setting
    const told = only(history, 'event').filter(({ event }) => event === 'TOKEN_REFRESHED')
    for (const { call, session, error } of only(history, 'settled')) {
      const { about } = call
      if (!refreshes.has(call.operation) || error !== null || !session || about === null || about === 'unknown')
        continue
      if (session.id !== about.id || session.revision > about.revision) continue
      // While a handler of that very refresh runs, or its promise is pending for less than one patience, asking again is no reason for one.
      const isNew = told.some(
        (it) =>
          it.client === call.client &&
          it.session?.id === about.id &&
          it.session.revision === about.revision &&
          awake(history, call.tab, it.at, call.begunAt) <= patience + slack,
      )
      if (!isNew) yield `${call.operation} of ${call.client} gave revision ${session.revision}, which was there before`
    }
  },
}

export const alive: Invariant = {
  promise: 6,
  name: 'a session that comes without an error has an access token that lives',
  *broken(history) {
    const jumps = deedsOf(history, 'clock jumped', 'slept')
    for (const [at, fact] of history.facts.entries()) {
      if (fact.kind !== 'settled' || !fact.session?.dead || fact.error !== null) continue
      const { call, session } = fact
      // A refresh gives what the server has given, whatever the clock says by then.
      if (!asks.has(call.operation) || refreshes.has(call.operation)) continue
      const begun = history.facts.findIndex((it) => it.kind === 'called' && it.call.id === call.id)
      const { about } = call
      const isKnown = about !== null && about !== 'unknown'
      const isOld = isKnown && session.id === about.id && session.revision === about.revision
      const came = isOld ? null : arrivalOf(history, session, call, at)
      // It lived when it was chosen: from the beginning, since it came, or since a clock was set back.
      const setBack = jumps.find((jump) => jump.at > begun && (jump.fact.ms ?? 0) < 0)?.at ?? Infinity
      const lived = isOld && about.dead ? setBack : Math.max(begun, came?.at ?? begun)
      if (jumps.some((jump) => jump.at > lived && jump.at < at)) continue
      // It came from the server meanwhile, which gives it no more life, or the device slept before it could be stored.
      if (came && came.at > begun && !came.isTheirs) continue
      yield `${call.operation} of ${call.client} gave a session whose access token is dead, and no error`
    }
  },
}

/** When a client came to know a revision, -1 where nothing tells, and whether another tab has brought it that the store has not lost since. */
function arrivalOf(
  history: History,
  { id, revision }: SessionView,
  { client, tab }: Call,
  until: number,
): { at: number; isTheirs: boolean } {
  const { facts } = history
  const isWrite = (it: Fact): boolean =>
    it.kind === 'wrote' &&
    it.writes.some(({ after }) => after?.kind === 'slot' && after.session === id && after.revision === revision)
  const shown = facts.findIndex(
    (it) => it.kind === 'snapshot' && it.client === client && it.session?.id === id && it.session.revision === revision,
  )
  const lost = deedsOf(history, 'writes lost', 'store cleared').findLast(({ at }) => at < until)?.at ?? -1
  return {
    // What another account holds is shown nowhere.
    at: shown < 0 ? facts.findIndex(isWrite) : shown,
    isTheirs: facts.slice(lost + 1, until).some((it) => isWrite(it) && 'tab' in it && it.tab !== tab),
  }
}

export const ownTokens: Invariant = {
  promise: 2,
  name: 'an access token belongs to the user of the session that it is handed out with',
  *broken({ facts }) {
    for (const fact of facts) {
      if (fact.kind !== 'settled' && fact.kind !== 'event' && fact.kind !== 'snapshot') continue
      const { session } = fact
      if (session && session.user !== null && session.owner !== session.user)
        yield `${session.access} of ${session.owner} was handed out as the token of ${session.user}`
    }
  },
}

export const ownRequests: Invariant = {
  promise: 2,
  name: 'a request goes out with a token of the user who was shown when it was made',
  *broken(history) {
    for (const { endpoint, call, owner, credential } of only(history, 'sent')) {
      if (endpoint !== 'api' || call?.operation !== 'fetch' || credential === null) continue
      const { about } = call
      if (about !== null && about !== 'unknown' && about.owner !== owner)
        yield `fetch of ${call.client} was called for ${about.owner} and went out with ${credential} of ${owner}`
    }
  },
}
