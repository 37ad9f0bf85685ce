import type { AuthRecord } from '@authflight/client'
import type { Fact, History, Setting } from '../../src/explorer/index.ts'

/** Pieces of which tests make histories by hand. */

const setting: Setting = {
  profile: 'strict',
  mayPresentAgain: false,
  store: 'database',
  locks: true,
  legacyLock: false,
  channels: true,
  autoRefresh: 'off',
  patience: 2_000,
  requestLimit: 8_000,
  lifetime: 60,
}

/** Facts a millisecond apart. */
export const historyOf = (...facts: readonly Fact[]): History => ({
  facts: facts.map((fact, at) => ({ ...fact, at })),
  records: [],
  setting,
})

/** Facts at their times, milliseconds. */
export const timed = (...facts: readonly (readonly [number, Fact])[]): History => ({
  ...historyOf(),
  facts: facts.map(([at, fact]) => ({ ...fact, at })),
})

/** The same where the server lets a token come again. */
export const repeatable = (...facts: readonly Fact[]): History => ({
  ...historyOf(...facts),
  setting: { ...setting, profile: 'gotrue-v1', mayPresentAgain: true },
})

type Of<K extends Fact['kind']> = Extract<Fact, { kind: K }>
type SessionView = NonNullable<Of<'snapshot'>['session']>

export const view = (id: string, more: Partial<SessionView> = {}): SessionView => ({
  id,
  account: `account of ${id}`,
  revision: 1,
  access: 'access-1',
  server: 'session-1',
  owner: 'ada',
  user: 'ada',
  stale: false,
  dead: false,
  ...more,
})

type Call = Of<'called'>['call']
let calls = 0
export const call = (operation: string, about: Call['about'], more: Partial<Call> = {}): Call => ({
  id: (calls += 1),
  operation,
  tab: 'A',
  client: 'A.1',
  about,
  whom: about && about !== 'unknown' ? about.owner : null,
  brings: null,
  begunAt: 0,
  settled: true,
  ...more,
})

export const called = (of: Call): Fact => ({ kind: 'called', call: of })
const settledWith = (
  of: Call,
  session?: SessionView | null,
  error: string | null = null,
  leaked = false,
): Of<'settled'> => ({
  kind: 'settled',
  call: of,
  session,
  owner: session?.owner ?? null,
  error,
  leaked,
})
export const settled = (...given: Parameters<typeof settledWith>): Fact => settledWith(...given)
/** Something of a user's that is no session. */
export const settledFor = (of: Call, owner: string): Fact => ({ ...settledWith(of), owner })
export const sent = (request: number, credential: string, more: Partial<Of<'sent'>> = {}): Fact => ({
  kind: 'sent',
  tab: 'A',
  request,
  endpoint: 'refresh',
  credential,
  server: 'session-1',
  owner: 'ada',
  nothingToLose: false,
  call: null,
  ...more,
})
export const answered = (request: number, more: Partial<Of<'answered'>> = {}): Fact => ({
  kind: 'answered',
  request,
  row: 'tokens',
  meaning: 'tokens',
  gave: 'refresh-2',
  server: 'session-1',
  owner: 'ada',
  ...more,
})
export const deed = (what: Of<'deed'>['deed'], tab: string | null = null): Fact => ({ kind: 'deed', deed: what, tab })
export const subscribed: Fact = { kind: 'subscribed', tab: 'A', client: 'A.1', subscriber: 'A.1#1' }
export const event = (
  name: string,
  session: SessionView | null,
  sessionId = session?.id ?? null,
  reason: string | null = null,
): Fact => ({
  kind: 'event',
  tab: 'A',
  client: 'A.1',
  subscriber: 'A.1#1',
  event: name,
  session,
  sessionId,
  reason,
  source: 'own',
})
export const snapshot = (status: string, session: SessionView | null): Fact => ({
  kind: 'snapshot',
  tab: 'A',
  client: 'A.1',
  status,
  session,
})

type Stored = Of<'end'>['end']['stored'][number]
export const slot = (session: string, more: Partial<Extract<Stored, { kind: 'slot' }>> = {}): Stored => ({
  kind: 'slot',
  key: 'slot:default:1',
  session,
  account: '1',
  revision: 1,
  refresh: 'refresh-1',
  access: 'access-1',
  server: 'session-1',
  owner: 'ada',
  begun: 0,
  ...more,
})
export const tombstone = (session: string, left: string): Stored => ({
  kind: 'tombstone',
  key: `tombstone:default:${session}`,
  session,
  left,
})
type Change = readonly [before: Stored | null, after: Stored | null]
export const wrote = (...writes: readonly Change[]): Fact => wroteIn('A', ...writes)
export const wroteIn = (tab: string, ...writes: readonly Change[]): Fact => ({
  kind: 'wrote',
  tab,
  writes: writes.map(([before, after]) => ({ before, after })),
})
export const end = (more: Partial<Of<'end'>['end']> = {}): Fact => ({
  kind: 'end',
  end: { stored: [], active: [], clients: [], ...more },
})
export const client = (status: string, session: SessionView | null) => ({ tab: 'A', client: 'A.1', status, session })

export const record = (more: Partial<AuthRecord> = {}) => ({
  tab: 'A',
  record: {
    v: 1 as const,
    id: '1',
    traceId: '1',
    links: [],
    name: 'authflight.refresh' as const,
    kind: 'internal' as const,
    startedAt: 0,
    status: 'unset' as const,
    attributes: {},
    client: 'c',
    tab: 't',
    ...more,
  },
})
