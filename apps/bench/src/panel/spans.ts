import type { AuthRecord } from '@authflight/client'

let count = 0
const hex = (digits: number): string => (++count).toString(16).padStart(digits, '0')

/** Of a flight: itself, its request, two waiters. */
export const spansAFlight = 4

/**
 * One refresh as a ring would tell it, `at` epoch milliseconds, with the commit of what it got; in one of four tabs. One in fifty failed, and
 * one in five hundred ended the session.
 */
export function flightAt(at: number, number: number): AuthRecord[] {
  const tab = `tab-${number % 4}`
  const failed = number % 50 === 7
  const length = 40 + (number % 13) * 9
  const id = `flight-${number}`
  const shared = { v: 1 as const, traceId: hex(32), client: `client-${number % 4}`, tab }
  const refresh: AuthRecord = {
    ...shared,
    id: hex(16),
    links: [],
    name: 'authflight.refresh',
    kind: 'internal',
    startedAt: at,
    endedAt: at + length,
    status: failed ? 'error' : 'unset',
    attributes: {
      'authflight.flight.id': id,
      'authflight.refresh.trigger': 'expiry',
      'authflight.refresh.outcome': failed ? 'failed' : 'rotated',
      'authflight.refresh.attempt_count': 1,
      'authflight.refresh.waiter_count': 2,
      'authflight.session.id': `session-${number % 2}`,
      'authflight.session.revision': number,
      ...(failed ? { 'error.type': 'server_error' } : {}),
    },
  }
  const request: AuthRecord = {
    ...shared,
    id: hex(16),
    parentId: refresh.id,
    links: [],
    name: 'authflight.token_request',
    kind: 'client',
    startedAt: at + 3,
    endedAt: at + length - 2,
    status: 'unset',
    attributes: { 'http.request.method': 'POST', 'http.response.status_code': failed ? 500 : 200 },
  }
  const waits = [5, 9].map((after): AuthRecord => ({
    ...shared,
    id: hex(16),
    links: [{ traceId: shared.traceId, id: refresh.id }],
    name: 'authflight.wait',
    kind: 'internal',
    startedAt: at + after,
    endedAt: at + length,
    status: 'unset',
    attributes: { 'authflight.flight.id': id, 'authflight.wait.outcome': failed ? 'failed' : 'rotated' },
  }))
  const point = {
    ...shared,
    id: hex(16),
    links: [],
    startedAt: at + length,
    endedAt: at + length,
    status: 'unset' as const,
  }
  const session = { 'authflight.session.id': `session-${number % 2}`, 'authflight.session.revision': number + 1 }
  const outcome: AuthRecord[] = []
  if (!failed) {
    const attributes = { ...session, 'authflight.token.expires_in': 300 }
    outcome.push({ ...point, name: 'authflight.record.committed', kind: 'point', attributes })
  } else if (number % 500 === 7) {
    const attributes = { ...session, 'authflight.session_end.reason': 'rejected' } as const
    outcome.push({ ...point, name: 'authflight.session_end', kind: 'internal', attributes })
  }
  return [refresh, request, ...waits, ...outcome]
}

/** What a ring says of an operation, and when: epoch milliseconds. */
export interface Told {
  readonly at: number
  readonly record: AuthRecord
}

/** How a ring tells records as they happen: each operation when it begins, with what is known by then, and again when it ends. In order. */
export const asTheyHappen = (records: readonly AuthRecord[]): Told[] =>
  records
    .flatMap((record): Told[] => {
      const { endedAt, ...begun } = record
      if (endedAt === undefined || endedAt === record.startedAt) return [{ at: record.startedAt, record }]
      const known = Object.entries(record.attributes).filter(([key]) => !isKnownLate(key))
      const open: AuthRecord = { ...begun, status: 'unset', attributes: Object.fromEntries(known) }
      return [
        { at: record.startedAt, record: open },
        { at: endedAt, record },
      ]
    })
    .toSorted((a, b) => a.at - b.at)

const isKnownLate = (key: string): boolean => /outcome|count|^error|response/.test(key)
