import type { History, Meaning } from '../history.ts'
import type { Of } from './invariant.ts'

/** One request that carried a one-time credential. Times are positions in the facts. */
export interface Presentation {
  readonly sent: Of<'sent'>
  /** When its sender has last written down that it is about to present something; -1 for never. */
  readonly claimed: number
  readonly from: number
  /**
   * Its sender had asked the server to end that session in the same operation: whatever comes of it is for that, and kept
   * by nobody. Some servers, where a token may come again, end a session only for a living access token, so it is renewed for that.
   */
  readonly isFarewell: boolean
  /** When nobody waited for its answer any more; Infinity where that never came. */
  until: number
  /** Null where the sender has heard no answer. */
  meaning: Meaning | null
  gave: string | null
}

const farewellOf = ({ tab, server, call }: Of<'sent'>): string => `${tab} ${server} ${call?.id}`

/** All presentations of refresh tokens and codes, by credential, in their order. */
export function presentationsIn({ facts, setting }: History): Map<string, Presentation[]> {
  const byRequest = new Map<number, Presentation>()
  const byCredential = new Map<string, Presentation[]>()
  /** By tab. */
  const claimed = new Map<string, number>()
  /** By tab, session of the server and operation. */
  const revoked = new Set<string>()
  facts.forEach((fact, at) => {
    if (fact.kind === 'wrote') {
      if (fact.writes.some(({ after }) => after?.kind === 'claim')) claimed.set(fact.tab, at)
    } else if (fact.kind === 'sent' && fact.endpoint === 'revoke') {
      revoked.add(farewellOf(fact))
    } else if (
      fact.kind === 'sent' &&
      fact.credential !== null &&
      (fact.endpoint === 'refresh' || fact.endpoint === 'code')
    ) {
      const presentation: Presentation = {
        sent: fact,
        claimed: claimed.get(fact.tab) ?? -1,
        from: at,
        isFarewell: setting.mayPresentAgain && revoked.has(farewellOf(fact)),
        until: Infinity,
        meaning: null,
        gave: null,
      }
      byRequest.set(fact.request, presentation)
      byCredential.set(fact.credential, [...(byCredential.get(fact.credential) ?? []), presentation])
    } else if (fact.kind === 'answered') {
      const presentation = byRequest.get(fact.request)
      if (presentation) Object.assign(presentation, { until: at, meaning: fact.meaning, gave: fact.gave })
    } else if (fact.kind === 'unheard') {
      const presentation = byRequest.get(fact.request)
      if (presentation) presentation.until = at
    }
  })
  return byCredential
}
