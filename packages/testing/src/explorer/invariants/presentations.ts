import type { History, Stored } from '../history.ts'
import { agedAway, awake, deedsOf, type Invariant, only } from './invariant.ts'
import { type Presentation, presentationsIn } from './presentation.ts'

/** Each presentation with each one of the same credential before it. */
function* pairs(history: History): Generator<{ earlier: Presentation; later: Presentation }> {
  for (const presentations of presentationsIn(history).values()) {
    for (const [at, later] of presentations.entries()) {
      for (const earlier of presentations.slice(0, at)) yield { earlier, later }
    }
  }
}

const say = ({ earlier, later }: { earlier: Presentation; later: Presentation }): string =>
  `${later.sent.credential} left in request ${later.sent.request} of tab ${later.sent.tab}, after request ${earlier.sent.request} of tab ${earlier.sent.tab}`

export const neverTwoAtATime: Invariant = {
  promise: 1,
  name: 'a credential is in no two requests at a time',
  *broken(history) {
    for (const pair of pairs(history)) {
      const { earlier, later } = pair
      if (earlier.until < later.from) continue
      if (earlier.isFarewell || later.isFarewell) continue
      // Within a tab flights are shared, which needs no claim.
      if (earlier.sent.tab !== later.sent.tab && isUnclaimed(history, earlier, later)) continue
      if (!countsAsGone(history, earlier, later)) yield `${say(pair)}, which was still under way`
    }
  },
}

/**
 * The store has lost a claim of theirs before both were on the way: the other cannot heed what is written nowhere, and who has looked at it
 * for the last time does not look again. An app may bring an old token from outside then, and nothing here remembers it.
 */
function isUnclaimed(history: History, earlier: Presentation, later: Presentation): boolean {
  // A code has no claim.
  if (earlier.sent.endpoint === 'code') return false
  // A browser that crashed has forgotten what it had written down.
  const isForgotten = ({ deed, tab }: { deed: string; tab: string | null }): boolean =>
    deed !== 'killed' || (history.setting.store === 'memory' && tab === earlier.sent.tab)
  const losses = deedsOf(history, 'writes lost', 'store cleared', 'killed').filter(({ fact }) => isForgotten(fact))
  const claimed = later.claimed < 0 ? earlier.claimed : Math.min(earlier.claimed, later.claimed)
  return losses.some(({ at }) => at > claimed && at < later.from)
}

/** A frozen tab cannot answer for its claim, so it counts as gone after the hard limit, or at once where only its answers are a sign of life. */
function countsAsGone({ facts, setting }: History, earlier: Presentation, later: Presentation): boolean {
  const [from, to] = [facts[earlier.from]?.at ?? 0, facts[later.from]?.at ?? 0]
  const frozen = to - from - awake({ facts }, earlier.sent.tab, from, to)
  return frozen > 0 && (!setting.locks || to - from >= setting.requestLimit)
}

export const noReuse: Invariant = {
  promise: 10,
  name: 'a token that may be consumed is not presented again, unless the server allows it or nothing is left to lose',
  *broken(history) {
    for (const presentations of presentationsIn(history).values()) {
      for (const [at, later] of presentations.entries()) {
        // An answer that hands the same token out again makes it new: what came before it does not count.
        const since = presentations.slice(0, at).findLastIndex(isKept)
        for (const earlier of presentations.slice(since + 1, at)) {
          if (!mayFollow(history, earlier, later)) yield say({ earlier, later })
        }
      }
    }
  },
}

const isKept = ({ meaning, gave, sent }: Presentation): boolean =>
  meaning === 'tokens' && (gave === null || gave === sent.credential)

function mayFollow(history: History, earlier: Presentation, later: Presentation): boolean {
  const { meaning, sent } = earlier
  if (meaning === 'unspent') return true
  if (sent.endpoint === 'code') return wasUnwritten(history, earlier, later)
  if (history.setting.mayPresentAgain) return true
  if (isUnclaimed(history, earlier, later) || hasAged(history, earlier, later)) return true
  if (!later.sent.nothingToLose) return false
  return meaning !== 'tokens' || wasForgotten(history, earlier, later.from)
}

/** A browser that crashed has forgotten that a code was presented, and the page that comes back with it is loaded again. */
const wasUnwritten = (history: History, earlier: Presentation, later: Presentation): boolean =>
  deedsOf(history, 'writes lost').some(({ at }) => at > earlier.from && at < later.from)

/**
 * The clock jumped by more than claims and tombstones live, and then what kept others from the token was deleted while no slot held it: the
 * earlier one's claim, or the tombstone that took the place of both. An app has brought it back from outside. Who made the claim may have
 * been frozen meanwhile, behind its last look at it.
 */
function hasAged({ facts }: History, earlier: Presentation, later: Presentation): boolean {
  const begun = earlier.claimed < 0 ? earlier.from : earlier.claimed
  const claim = recordsIn(facts.slice(begun, earlier.from)).find(({ kind }) => kind === 'claim')
  const sessions = recordsIn(facts.slice(0, later.from)).flatMap((it) =>
    it.kind === 'slot' && it.refresh === earlier.sent.credential ? [it.session] : [],
  )
  const isGrave = (it: Stored | null): boolean => it?.kind === 'tombstone' && sessions.includes(it.session)
  const buried = facts.findIndex((it) => it.kind === 'wrote' && it.writes.some(({ after }) => isGrave(after)))
  const isGone = (from: number, isMeant: (record: Stored) => boolean): boolean => {
    const at = from + agedAway({ facts: facts.slice(from, later.from) }, isMeant)
    return at >= Math.max(from, begun) && !slotsAt(facts.slice(0, at)).includes(earlier.sent.credential)
  }
  // A clock that jumped before makes no tombstone old.
  return isGone(begun, ({ key }) => key === claim?.key) || (buried >= 0 && isGone(buried, isGrave))
}

/** All that was written. */
const recordsIn = (facts: History['facts']): Stored[] =>
  only({ facts }, 'wrote').flatMap(({ writes }) => writes.flatMap(({ after }) => after ?? []))

/** The refresh tokens that stand in the slots after these facts. */
function slotsAt(facts: History['facts']): (string | null)[] {
  const slots = new Map<string, string | null>()
  for (const { writes } of only({ facts }, 'wrote')) {
    for (const { before, after } of writes) {
      if (before?.kind === 'slot') slots.delete(before.key)
      if (after?.kind === 'slot') slots.set(after.key, after.refresh)
    }
  }
  return [...slots.values()]
}

/** The answer came, and its tab was gone before it was stored: nobody knows it any more. */
function wasForgotten(history: History, { sent, gave, until }: Presentation, before: number): boolean {
  const isStored = history.facts
    .slice(until, before)
    .some(
      (fact) =>
        fact.kind === 'wrote' && fact.writes.some(({ after }) => after?.kind === 'slot' && after.refresh === gave),
    )
  const isGone = deedsOf(history, 'killed').some(({ at, fact }) => fact.tab === sent.tab && at > until && at < before)
  return isGone && !isStored
}
