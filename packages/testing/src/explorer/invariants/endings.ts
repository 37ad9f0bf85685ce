import type { Call } from '../call.ts'
import type { Stored } from '../history.ts'
import { createDeparting } from './departing.ts'
import { leaves } from './departures.ts'
import { type Invariant, isLongJump, type Of, only } from './invariant.ts'

/** The user of the session that somebody asked to leave: a later one of the same account is left as well. `unknown` where it was not known yet. */
const whose = ({ about }: Call): string | null => (about === null || about === 'unknown' ? about : about.owner)

/** Another session is stored, or one that is there already is shown. */
const isAnother = (after: Stored | null, { key, session }: Extract<Stored, { kind: 'slot' }>): boolean =>
  (after?.kind === 'slot' && after.session !== session) ||
  (after?.kind === 'shown' && after.slot !== null && after.slot !== key)

const terminal = new Set(['rejected', 'revoked', 'reuse', 'expired', 'lost_answer'])

export const endsForAReason: Invariant = {
  promise: 5,
  name: 'a stored session ends by its owner, by a sign-in in its place, or by a terminal answer to its newest token',
  *broken({ facts, setting }) {
    const refused = new Set<string>()
    const departing = createDeparting(setting)
    const endpoints = new Map<number, { endpoint: string; credential: string | null; server: string | null }>()
    const over = new Set<string>()
    let isFailing = false
    for (const fact of facts) {
      departing.see(fact)
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
        if (before?.kind !== 'slot' || (after?.kind === 'slot' && after.session === before.session)) continue
        const why = tombstones.find(({ session }) => session === before.session)?.left
        const isRight =
          why === 'user'
            ? departing.has(fact.tab, before)
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
