import type { AuthRecord, RecorderHook, RecordSource } from '@authflight/client'

/** 12:00:00 on a Sunday; where every fixture begins. */
export const noon = Date.UTC(2026, 10, 22, 12)

let counter = 0
function hex(digits: number): string {
  return (++counter).toString(16).padStart(digits, '0')
}

type Given = Partial<Omit<AuthRecord, 'attributes'>> & { attributes?: Record<string, string | number | boolean> }

/** A record with everything it needs, at `at` milliseconds after noon, for `lasting` milliseconds; open without. */
export function record(name: AuthRecord['name'], at: number, lasting: number | null, given: Given = {}): AuthRecord {
  const isPoint = name.startsWith('authflight.record.')
  return {
    v: 1,
    id: hex(16),
    traceId: hex(32),
    links: [],
    name,
    kind: isPoint ? 'point' : name === 'authflight.token_request' ? 'client' : 'internal',
    startedAt: noon + at,
    ...(lasting === null ? {} : { endedAt: noon + at + lasting }),
    status: 'unset',
    client: 'client-1',
    tab: 'tab-1',
    ...given,
    attributes: Object.fromEntries(Object.entries(given.attributes ?? {}).map(([key, value]) => [spell(key), value])),
  }
}

/** Keys are written without the product's prefix where they have it. */
function spell(key: string): string {
  return /^(http|server|error)\./.test(key) ? key : `authflight.${key}`
}

export interface FlightOptions {
  readonly at: number
  readonly lasting: number | null
  readonly outcome?: string
  readonly revision?: number
  readonly waiters?: number
  readonly session?: string
  readonly account?: string
  readonly tab?: string
  readonly client?: string
  readonly status?: number | null
  readonly error?: string
  readonly trigger?: string
  readonly discard?: string
}

/** Session, account, tab and client of a fixture; the first ones unless told otherwise. */
export interface Where {
  readonly session?: string
  readonly account?: string
  readonly tab?: string
  readonly client?: string
}

/** A whole flight as the recorder tells it: attempt, waits (32 and an aggregate), discard, commit. */
export function flight(options: FlightOptions): AuthRecord[] {
  const {
    at,
    lasting,
    revision = 1,
    waiters = 0,
    session = 's1',
    account = 'a1',
    tab = 'tab-1',
    client = 'client-1',
  } = options
  const where = { tab, client }
  const outcome = lasting === null ? undefined : (options.outcome ?? 'rotated')
  const id = `flight-${hex(4)}`
  const status = options.status === undefined ? 200 : options.status
  const error = options.error === undefined ? {} : { 'error.type': options.error }
  const refresh = record('authflight.refresh', at, lasting, {
    ...where,
    status: options.error === undefined ? 'unset' : 'error',
    attributes: {
      'flight.id': id,
      'refresh.trigger': options.trigger ?? 'expiry',
      'session.id': session,
      'session.revision': revision,
      'token.expires_in': outcome === 'rotated' ? 30 : -2,
      ...(outcome === undefined
        ? {}
        : { 'refresh.outcome': outcome, 'refresh.attempt_count': 1, 'refresh.waiter_count': waiters }),
      ...error,
    },
  })
  const parent = { ...where, parentId: refresh.id, traceId: refresh.traceId }
  const request = record('authflight.token_request', at + 4, lasting === null ? null : lasting - 10, {
    ...parent,
    attributes: {
      'http.request.method': 'POST',
      'server.address': '127.0.0.1',
      'server.port': 4444,
      ...(lasting === null || status === null ? {} : { 'http.response.status_code': status }),
      'http.request.resend_count': 0,
      ...error,
    },
  })
  const records = [refresh, request]
  for (let index = 0; index < Math.min(32, waiters); index++) {
    const joined = 1 + Math.min((lasting ?? 100) - 2, index * 0.35)
    records.push(
      record('authflight.wait', at + joined, lasting === null ? null : lasting - joined, {
        ...where,
        links: [{ traceId: refresh.traceId, id: refresh.id }],
        attributes: { 'flight.id': id, ...(outcome === undefined ? {} : { 'wait.outcome': outcome }), ...error },
      }),
    )
  }
  if (lasting === null) return records
  if (waiters > 32) {
    const attributes = {
      'flight.id': id,
      'wait.count': waiters - 32,
      'wait.p50': (lasting - 20) / 1000,
      'wait.max': (lasting - 12) / 1000,
      [`wait.outcomes.${outcome}`]: waiters - 32,
    }
    records.push(record('authflight.record.waits', at + lasting, 0, { ...where, attributes }))
  }
  if (options.discard !== undefined) {
    const attributes = { 'discard.reason': options.discard, 'discard.revocation': 'done' }
    records.push(record('authflight.discard', at + lasting - 5, 5, { ...parent, attributes }))
  }
  if (outcome === 'rotated') {
    records.push(...committed(at + lasting - 1, revision + 1, { session, account, tab, client }, id))
    records.push(event(at + lasting, 'TOKEN_REFRESHED', { session, tab, client }))
  }
  return records
}

export function committed(
  at: number,
  revision: number,
  where: Where = {},
  flightId?: string,
  lifetime = 30,
): AuthRecord[] {
  const { session = 's1', account = 'a1', tab = 'tab-1', client = 'client-1' } = where
  const attributes = {
    'session.id': session,
    'account.id': account,
    'session.revision': revision,
    'token.expires_in': lifetime,
    ...(flightId === undefined ? {} : { 'flight.id': flightId }),
  }
  const timer = { 'timer.due_in': lifetime - 6, 'session.id': session }
  return [
    record('authflight.record.committed', at, 0, { tab, client, attributes }),
    record('authflight.record.timer_armed', at, 0, { tab, client, attributes: timer }),
  ]
}

export function event(at: number, name: string, where: Where = {}, reason?: string): AuthRecord {
  const { session = 's1', tab = 'tab-1', client = 'client-1' } = where
  const attributes = {
    'event.name': name,
    'session.id': session,
    ...(reason === undefined ? {} : { 'session_end.reason': reason }),
  }
  return record('authflight.record.event', at, 0, { tab, client, attributes })
}

export function seen(at: number, revision: number, where: Where = {}, change = 'foreign', lifetime = 30): AuthRecord {
  const { session = 's1', account = 'a1', tab = 'tab-2', client = 'client-2' } = where
  const attributes = {
    'store.change': change,
    'session.id': session,
    'account.id': account,
    'session.revision': revision,
    'token.expires_in': lifetime,
  }
  return record('authflight.record.store_change', at, 0, { tab, client, attributes })
}

export function signedIn(at: number, where: Where = {}): AuthRecord[] {
  return [...committed(at, 1, where), event(at, 'SIGNED_IN', where)]
}

/** A thousand calls on an expired token: one refresh, 999 waiters. */
export function storm(): AuthRecord[] {
  return [...signedIn(0), ...flight({ at: 34_000, lasting: 118, waiters: 999, trigger: 'expiry' })]
}

/** Signed out while a refresh waited for its answer. */
export function discardBySignOut(): AuthRecord[] {
  const end = record('authflight.session_end', 33_600, 0, {
    attributes: { 'session_end.reason': 'user', 'session.id': 's1' },
  })
  return [
    ...signedIn(0),
    ...flight({
      at: 33_000,
      lasting: 1_400,
      outcome: 'discarded',
      discard: 'signed_out',
      waiters: 2,
      trigger: 'forced',
    }),
    end,
    event(33_601, 'SIGNED_OUT', {}, 'user'),
    record('authflight.record.store_change', 33_599, 0, {
      attributes: { 'store.change': 'ended', 'session.id': 's1', 'account.id': 'a1', 'session.revision': 1 },
    }),
  ]
}

/** Two tabs want the same token: one sends, the other waits for the claim and adopts. */
export function claimWait(): AuthRecord[] {
  const first = flight({ at: 34_000, lasting: 160, revision: 1, trigger: 'expiry', waiters: 3 })
  const second = flight({
    at: 34_012,
    lasting: 170,
    outcome: 'adopted',
    tab: 'tab-2',
    client: 'client-2',
    status: null,
    waiters: 12,
  })
  const [refresh] = second
  const waiting = record('authflight.contention', 34_016, 158, {
    tab: 'tab-2',
    client: 'client-2',
    parentId: refresh!.id,
    traceId: refresh!.traceId,
    attributes: { 'contention.kind': 'claim_wait', 'contention.scope': 'origin', 'contention.resolution': 'adopted' },
  })
  const claim = (at: number, state: string) =>
    record('authflight.record.claim', at, 0, {
      attributes: { 'claim.state': state, 'flight.id': first[0]!.attributes['authflight.flight.id']! },
    })
  return [
    ...signedIn(0),
    seen(40, 1, {}, 'loaded', 29.96),
    ...first,
    claim(34_003, 'made'),
    claim(34_159, 'released'),
    ...second.filter((candidate) => candidate.name !== 'authflight.token_request'),
    waiting,
    seen(34_172, 2, {}, 'foreign', 29.987),
    event(34_182, 'TOKEN_REFRESHED', { tab: 'tab-2', client: 'client-2' }),
  ]
}

/** Ten minutes in the life of a page: storms, a busy server, a tunnel, another tab, another account. */
export function mixed(): AuthRecord[] {
  const two = { tab: 'tab-2', client: 'client-2' }
  const bob = { session: 's2', account: 'a2' }
  return [
    ...signedIn(0),
    ...flight({ at: 26_000, lasting: 140, revision: 1, trigger: 'timer' }),
    seen(20_000, 1, {}, 'loaded'),
    seen(26_160, 2),
    ...flight({
      at: 53_000,
      lasting: 90,
      revision: 2,
      outcome: 'failed',
      status: 429,
      error: 'rate_limited',
      waiters: 3,
    }),
    ...flight({ at: 58_000, lasting: 210, revision: 2, waiters: 41 }),
    seen(58_230, 3),
    record('authflight.record.page_state', 62_000, 0, { ...two, attributes: { 'page.state': 'hidden' } }),
    record('authflight.record.network', 70_000, 0, { attributes: { 'network.state': 'offline' } }),
    ...flight({
      at: 83_500,
      lasting: 15,
      revision: 3,
      outcome: 'failed',
      status: null,
      error: 'offline',
      waiters: 6,
      trigger: 'timer',
    }),
    record('authflight.record.network', 95_000, 0, { attributes: { 'network.state': 'online' } }),
    ...flight({ at: 95_040, lasting: 180, revision: 3, waiters: 8, trigger: 'online' }),
    seen(95_250, 4),
    record('authflight.record.page_state', 97_000, 0, { ...two, attributes: { 'page.state': 'visible' } }),
    ...committed(99_000, 1, { ...two, ...bob }),
    event(99_000, 'SIGNED_IN', { ...two, ...bob }),
    ...flight({ at: 122_000, lasting: 160, revision: 4, waiters: 12, trigger: 'timer' }),
    ...flight({ at: 125_000, lasting: 240, revision: 1, ...two, ...bob, trigger: 'expiry', waiters: 2 }),
  ]
}

/** A ring that holds the records and tells what is pushed. */
export function sourceOf(
  records: readonly AuthRecord[],
  tab = 'tab-1',
): RecordSource & { push(record: AuthRecord): void } {
  const held = [...records]
  const listeners = new Set<(record: AuthRecord) => void>()
  return {
    tab,
    snapshot: () => held,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    push(record) {
      held.push(record)
      for (const listener of listeners) listener(record)
    },
  }
}

/** The hook of a realm with these sources. */
export function hookOf(...sources: RecordSource[]): RecorderHook {
  return {
    v: 1,
    register: () => () => {},
    subscribe(listener) {
      for (const source of sources) listener(source)
      return () => {}
    },
  }
}

/** The same records, moved so that the last one ended `ago` milliseconds before `now`. */
export function moveTo(records: readonly AuthRecord[], now: number, ago: number): AuthRecord[] {
  const last = Math.max(...records.map((candidate) => candidate.endedAt ?? candidate.startedAt))
  const by = now - ago - last
  return records.map((candidate) => ({
    ...candidate,
    startedAt: candidate.startedAt + by,
    ...(candidate.endedAt === undefined ? {} : { endedAt: candidate.endedAt + by }),
  }))
}
