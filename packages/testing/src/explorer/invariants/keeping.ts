import type { History, Stored, Write } from '../history.ts'
import { agedAway, deedsOf, type Invariant, only } from './invariant.ts'
import { presentationsIn } from './presentation.ts'

const wasKilled = (history: History, tab: string): boolean =>
  deedsOf(history, 'killed').some(({ fact }) => fact.tab === tab)

export const rotationIsKept: Invariant = {
  promise: 9,
  name: 'a rotated token that came back to a tab that lives is not forgotten for the old one',
  *broken(history) {
    const [end] = only(history, 'end')
    const losses = deedsOf(history, 'writes lost', 'store cleared')
    for (const { sent, claimed, until, gave, isFarewell } of [...presentationsIn(history).values()].flat()) {
      const { credential, tab, endpoint } = sent
      if (endpoint !== 'refresh' || gave === null || gave === credential || wasKilled(history, tab)) continue
      // Renewed to be ended, and not for whoever has set it anew meanwhile.
      if (isFarewell) continue
      // What comes after the look was not there to be seen.
      if (end && (history.facts[until]?.at ?? 0) > end.at) continue
      // Where nothing is remembered an app may bring the old token from outside, and nobody knows of the new one.
      if (losses.some(({ at }) => at > claimed)) continue
      const slot = end?.end.stored.find((it) => it.kind === 'slot' && it.refresh === credential)
      if (slot?.kind === 'slot')
        yield `session ${slot.session} still holds ${credential}, for which tab ${tab} has got ${gave}`
    }
  },
}

export const nothingUnowned: Invariant = {
  promise: 9,
  name: 'no session lives on at the server whose tokens came back and are in no slot: it was revoked when it was left',
  *broken(history) {
    const [end] = only(history, 'end')
    // What stood in a store that has lost writes is not written here.
    if (!end || deedsOf(history, 'writes lost').length > 0) return
    const { stored, active } = end.end
    for (const server of new Set(active.map(({ session }) => session))) {
      if (!stored.some((it) => holds(it, server))) yield* unowned(history, server)
    }
  },
}

const holds = (it: Stored | null, server: string): boolean =>
  (it?.kind === 'slot' || it?.kind === 'attempt') && it.server === server

/**
 * A clock that jumped made the tombstone of it look old enough to be forgotten. Who has replaced it in a store that did not say so looks for that
 * tombstone, before it asks the server to end what may not have been left.
 */
function hasAged(history: History, server: string): boolean {
  const slots = only(history, 'wrote').flatMap(({ writes }) => writes.map(({ after }) => after))
  const names = new Set(slots.flatMap((it) => (it?.kind === 'slot' && it.server === server ? [it.session] : [])))
  return agedAway(history, (it) => it.kind === 'tombstone' && names.has(it.session)) >= 0
}

function* unowned(history: History, server: string): Generator<string> {
  const requests = new Map(only(history, 'sent').map((it) => [it.request, it]))
  const sent = [...requests.values()].filter((it) => it.server === server)
  const brought = only(history, 'answered').filter((it) => it.server === server)
  const [first] = brought
  // Nobody knows a token of it.
  if (!first) return
  // Whoever clears the store has left it, and wants it ended or not.
  const asking = requests.get(first.request)?.call?.id
  const begun = history.facts.findIndex((it) => it.kind === 'called' && it.call.id === asking)
  if (deedsOf(history, 'store cleared').some(({ at }) => at > begun)) return
  if (hasAged(history, server)) return
  // Best effort: that it was tried is enough.
  if (sent.some(({ endpoint }) => endpoint === 'revoke')) return
  // Who left it, or knew it, is gone.
  const wasLeftByGone = only(history, 'wrote').some(
    ({ tab, writes }) => wasKilled(history, tab) && writes.some(({ before }) => holds(before, server)),
  )
  if (wasLeftByGone) return
  if (brought.some(({ request }) => wasKilled(history, requests.get(request)?.tab ?? ''))) return
  // Somebody was told that it is over.
  if (
    only(history, 'answered').some(
      ({ request, meaning }) => meaning === 'terminal' && requests.get(request)?.server === server,
    )
  )
    return
  // Revoking can end the whole grant, so it is left alone where the same person is signed in besides, or has come again since.
  const { owner } = first
  const isTheirs = (it: Stored | null): boolean => it?.kind === 'slot' && it.owner === owner && it.server !== server
  const came = history.facts.indexOf(first)
  const writesOf = (facts: History['facts']): readonly Write[] =>
    facts.flatMap((fact) => (fact.kind === 'wrote' ? fact.writes : []))
  const isBack = writesOf(history.facts.slice(came)).some(({ after }) => isTheirs(after))
  const stood = new Map(
    writesOf(history.facts.slice(0, came)).map(({ before, after }) => [(after ?? before)?.key, after]),
  )
  const isBeside = only(history, 'end').some(({ end }) => end.stored.some(isTheirs))
  if (isBack || isBeside || [...stood.values()].some(isTheirs)) return
  yield `${server} lives on, request ${brought.at(-1)?.request} brought its newest token, and nobody holds or has revoked it`
}
