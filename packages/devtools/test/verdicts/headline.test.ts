import { describe, expect, it } from 'vitest'
import { composeHeadline } from '../../src/verdicts/headline.ts'
import { judge } from '../../src/verdicts/judge.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { claimWait, discardBySignOut, event, flight, type FlightOptions, record, signedIn, storm } from '../fixtures.ts'

function say(records: readonly unknown[]): string {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  const { tone, sentence } = composeHeadline(model)
  // Clock times are the reader's own.
  return `${tone}: ${sentence.replace(/\d\d:\d\d:\d\d\.\d{3}/, 'TIME')}`
}

const ended = (at: number, reason: string, tab = 'tab-1') =>
  record('authflight.session_end', at, 0, { tab, attributes: { 'session_end.reason': reason, 'session.id': 's1' } })

describe('the first sentence', () => {
  it.each([
    ['nothing', [], 'idle: Nothing recorded yet.'],
    ['a sign-in', signedIn(0), 'idle: Signed in; no refresh recorded yet.'],
    [
      'a storm',
      storm(),
      'good: All is well: 1 refresh served 1,000 callers in 118 ms and saved 999 token requests. Generation 1 → 2.',
    ],
    [
      'a lonely refresh',
      flight({ at: 0, lasting: 90 }),
      'good: Refresh #1 brought a new token in 90 ms: generation 1 → 2.',
    ],
    [
      'a timer and those who joined it',
      flight({ at: 0, lasting: 90, waiters: 3, trigger: 'timer' }),
      'good: All is well: 1 refresh served 3 callers in 90 ms and saved 3 token requests. Generation 1 → 2.',
    ],
    ['an open flight', flight({ at: 0, lasting: null, waiters: 1 }), 'open: Refresh #1 is under way; 1 caller waits.'],
    ['an adopt', claimWait(), 'good: Refresh #2 took over what Tab A had committed: generation 1 → 2.'],
    [
      'a discard',
      discardBySignOut(),
      'notice: Account 1 signed out in Tab A while refresh #1 was under way. Its new tokens were discarded and revoked.',
    ],
    [
      'a replaced session',
      flight({ at: 0, lasting: 90, outcome: 'discarded', discard: 'replaced' }),
      'notice: Refresh #1 was discarded: another sign-in took the place of the session while it was under way.',
    ],
    [
      'a discard for a reason that nobody gives',
      flight({ at: 0, lasting: 90, outcome: 'discarded', discard: 'constructor' }),
      'warning: Refresh #1 was discarded: the session had changed while it was under way.',
    ],
    [
      'a busy server',
      flight({ at: 0, lasting: 90, outcome: 'failed', status: 429, error: 'rate_limited' }),
      'warning: Refresh #1 failed: the server asked to come later (HTTP 429). Account 1 stays signed in.',
    ],
    [
      'a rejection that ended the session',
      [
        ...flight({ at: 0, lasting: 90, outcome: 'rejected', status: 400, error: 'invalid_grant' }),
        ended(89, 'rejected'),
      ],
      'bad: Account 1 was signed out in Tab A at TIME: the server no longer accepts this session and does not say why: expired, revoked or used elsewhere. The server answered 400.',
    ],
    [
      'a sign-out later on',
      [...storm(), ended(60_000, 'user'), event(60_001, 'SIGNED_OUT', {}, 'user')],
      'notice: Account 1 signed out in Tab A at TIME.',
    ],
    [
      'storage cleared',
      [...storm(), ended(60_000, 'storage_cleared')],
      'bad: Account 1 was signed out in Tab A at TIME: the stored session had been removed, and not by a sign-out. Site data was cleared, or other code deleted it.',
    ],
  ])('after %s', (_, records, sentence) => {
    expect(say(records)).toBe(sentence)
  })
})

it('of a good refresh leads on to the session that another account lost before it', () => {
  const bob = { session: 's2', account: 'a2', tab: 'tab-2', client: 'client-2' }
  const records = [
    ...signedIn(0),
    ...signedIn(0, bob),
    ended(20_000, 'storage_cleared'),
    ...flight({ at: 60_000, lasting: 90, waiters: 3, ...bob }),
  ]
  const model = new RecordModel()
  model.addAll(records)
  expect(composeHeadline(model)).toMatchObject({ tone: 'good', others: 1 })
})

it('of what happened at about one time is the gravest, however much failed since, and every trouble counts once', () => {
  const others = ['2', '3'].map((key) => ({
    session: `s${key}`,
    account: `a${key}`,
    tab: `tab-${key}`,
    client: `c${key}`,
  }))
  const busy = { lasting: 90, outcome: 'failed', status: 503, error: 'server_error' }
  const model = new RecordModel()
  model.addAll([
    ...signedIn(0),
    ...others.flatMap((other) => signedIn(0, other)),
    ...flight({ at: 20_000, lasting: 90, outcome: 'rejected', status: 400, error: 'invalid_grant' }),
    ended(20_090, 'rejected'),
    ...Array.from({ length: 14 }, (_, index) =>
      flight({ at: 21_000 + 2_000 * index, ...busy, ...others[index % 2] }),
    ).flat(),
  ])
  expect(composeHeadline(model)).toMatchObject({ tone: 'bad', verdict: { cause: 'no_reason_given' }, others: 2 })
  expect(judge(model).map(({ cause }) => cause)).toEqual(['server_error', 'server_error', 'no_reason_given'])
})

it('is not crowded out by sign-outs, and neither is a loss by many failures', () => {
  const wheres = Array.from({ length: 60 }, (_, key) => ({
    session: `o${key}`,
    account: `b${key}`,
    tab: `t${key}`,
    client: `c${key}`,
  }))
  const out = wheres.slice(0, 15).map(({ session, tab }, index) =>
    record('authflight.session_end', 30_000 + index, 0, {
      tab,
      attributes: { 'session_end.reason': 'user', 'session.id': session },
    }),
  )
  const lost = [...signedIn(0), ended(20_000, 'revoked')]
  const model = new RecordModel()
  model.addAll([...lost, ...out])
  expect(composeHeadline(model)).toMatchObject({ tone: 'bad' })
  const failing = new RecordModel()
  failing.addAll([
    ...lost,
    ...wheres.flatMap((where, index) =>
      flight({ at: 60_000 + index, lasting: 90, outcome: 'failed', status: 503, error: 'server_error', ...where }),
    ),
  ])
  expect(judge(failing).some(({ cause }) => cause === 'revoked')).toBe(true)
})

describe('a session that Tab B lost by a reuse, and that Tab A keeps', () => {
  const two = { tab: 'tab-2', client: 'client-2' }
  const bob = { session: 's3', account: 'a3', ...two }
  const refreshed = (at: number, of: Partial<FlightOptions>) => flight({ at, lasting: 90, trigger: 'timer', ...of })
  const loser = { revision: 1, outcome: 'rejected', status: 400, error: 'invalid_grant', ...two }
  const lost = [
    ...signedIn(0),
    ...signedIn(0, bob),
    ...refreshed(20_000, { revision: 1 }),
    ...flight({ at: 20_050, lasting: 150, ...loser }),
    ended(20_200, 'rejected', 'tab-2'),
  ]
  const next = { session: 's4', account: 'a4' }
  it.each([
    ['stays lost when Tab A refreshes', refreshed(21_200, { revision: 2 }), 'bad'],
    ['is no news half a minute later', refreshed(51_200, { revision: 2 }), 'good'],
    ['is mended by a refresh of it in Tab B', refreshed(21_200, { revision: 2, ...two }), 'good'],
    ['stays lost when another account refreshes in Tab B', refreshed(21_200, { ...bob }), 'bad'],
    [
      'is mended by a sign-in in Tab B and a refresh of that',
      [...signedIn(25_000, { ...next, ...two }), ...refreshed(30_000, { ...next, ...two })],
      'good',
    ],
    [
      'stays lost when somebody signs in elsewhere',
      [...signedIn(25_000, next), ...refreshed(30_000, { ...next })],
      'bad',
    ],
  ])('%s', (_, since, tone) => {
    const model = new RecordModel()
    model.addAll([...lost, ...since])
    model.settle()
    expect(composeHeadline(model).tone).toBe(tone)
  })
})
