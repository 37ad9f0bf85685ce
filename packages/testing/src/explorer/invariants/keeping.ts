import type { History } from '../history.ts'
import { deedsOf, type Invariant, only } from './invariant.ts'

const wasKilled = (history: History, tab: string): boolean =>
  deedsOf(history, 'killed').some(({ fact }) => fact.tab === tab)

export const rotationIsKept: Invariant = {
  promise: 9,
  name: 'a rotated token that came back to a tab that lives is not forgotten for the old one',
  *broken(history) {
    const [end] = only(history, 'end')
    const sent = new Map(only(history, 'sent').map((it) => [it.request, it]))
    if (deedsOf(history, 'writes lost').length > 0) return
    for (const { request, gave, at } of only(history, 'answered')) {
      // What comes after the look was not there to be seen.
      if (end && at > end.at) break
      const { credential, tab, endpoint } = sent.get(request) ?? {}
      if (
        endpoint !== 'refresh' ||
        gave === null ||
        gave === credential ||
        tab === undefined ||
        wasKilled(history, tab)
      )
        continue
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
    if (!end || deedsOf(history, 'writes lost', 'store cleared').length > 0) return
    const { stored, active } = end.end
    const owned = new Set(stored.flatMap((it) => (it.kind === 'slot' || it.kind === 'attempt' ? [it.server] : [])))
    for (const server of new Set(active.map(({ session }) => session))) {
      if (!owned.has(server)) yield* unowned(history, server)
    }
  },
}

function* unowned(history: History, server: string): Generator<string> {
  const sent = only(history, 'sent').filter((it) => it.server === server)
  const heard = new Map(only(history, 'answered').map((it) => [it.request, it]))
  const answered = sent.filter(({ request, endpoint }) => endpoint !== 'revoke' && heard.get(request)?.gave != null)
  // Nobody knows a token of it.
  if (answered.length === 0) return
  // Best effort: that it was tried is enough.
  if (sent.some(({ endpoint }) => endpoint === 'revoke')) return
  // Who knew it is gone.
  if (answered.some(({ tab }) => wasKilled(history, tab))) return
  // Somebody was told that it is over.
  if (sent.some(({ request }) => heard.get(request)?.meaning === 'terminal')) return
  // Revoking can end the whole grant, so it is left alone where the same person has signed in again since.
  const owner = sent[0]?.owner
  const last = Math.max(...answered.map(({ request }) => request))
  const first = Math.min(...sent.map(({ request }) => request))
  const isBack = only(history, 'sent').some((it) => it.owner === owner && it.server !== server && it.request > first)
  if (isBack) return
  yield `${server} lives on, request ${last} brought its newest token, and nobody holds or has revoked it`
}
