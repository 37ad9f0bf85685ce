import { readFile } from 'node:fs/promises'
import type { AuthRecord } from '@authflight/client'
import { describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { composeHeadline } from '../../src/verdicts/headline.ts'
import { judge } from '../../src/verdicts/judge.ts'
import type { Verdict } from '../../src/verdicts/verdict.ts'
import { committed, event, flight, noon, record, seen, signedIn } from '../fixtures.ts'

function modelOf(records: readonly unknown[]): RecordModel {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  return model
}

const verdictsOn = (records: readonly unknown[]): Verdict[] => judge(modelOf(records))
const causes = (records: readonly unknown[]) => verdictsOn(records).map(({ cause }) => cause)

async function recording(name: string): Promise<AuthRecord[]> {
  const text = await readFile(new URL(`recordings/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { records: AuthRecord[] }).records
}

const ended = (at: number, reason: string, tab = 'tab-1') =>
  record('authflight.session_end', at, 0, { tab, attributes: { 'session_end.reason': reason, 'session.id': 's1' } })
const refused = (at: number, revision = 1) => [
  ...flight({ at, lasting: 90, revision, outcome: 'rejected', status: 400, error: 'invalid_grant' }),
  ended(at + 90, 'rejected'),
]
const pageState = (at: number, state: string) =>
  record('authflight.record.page_state', at, 0, { attributes: { 'page.state': state } })

describe('two incidents at once', () => {
  it('are both explained, and the gravest is told first', async () => {
    const records = await recording('two-incidents-at-once')
    expect(causes(records).sort()).toEqual(['rate_limited', 'reuse_elsewhere'])
    expect(composeHeadline(modelOf(records))).toMatchObject({ verdict: { cause: 'reuse_elsewhere' }, others: 1 })
  })
})

it('judges what is as new as asked, and nothing older', () => {
  const model = modelOf([
    ...signedIn(0),
    ended(20_000, 'storage_cleared'),
    ...signedIn(30_000, { session: 's2' }),
    {
      ...ended(50_000, 'rejected'),
      attributes: { 'authflight.session_end.reason': 'rejected', 'authflight.session.id': 's2' },
    },
  ])
  const within = (milliseconds: number) => judge(model, undefined, undefined, milliseconds).map(({ cause }) => cause)
  expect(within(30_001)).toEqual(['no_reason_given', 'storage_cleared'])
  expect(within(30_000)).toEqual(['no_reason_given'])
})

/** The server told that the refresh token lives 30 s: who brought the token tells, and who stored it. */
const tellingLifetime = (records: readonly AuthRecord[]): AuthRecord[] =>
  records.map((it) =>
    ['authflight.refresh', 'authflight.record.committed'].includes(it.name)
      ? { ...it, attributes: { ...it.attributes, 'authflight.token.refresh_expires_in': 30 } }
      : it,
  )

/** `by` in seconds. */
const jumped = (at: number, by = 40) =>
  record('authflight.record.clock_jump', at, 0, { attributes: { 'clock.jump': by } })

describe('with too little evidence', () => {
  it('a reuse of which no claim was kept says nothing of claims', async () => {
    const records = await recording('reuse-by-a-copied-tab')
    const [verdict] = verdictsOn(records.filter(({ name }) => name !== 'authflight.record.claim'))
    expect(verdict).toMatchObject({ cause: 'reuse_elsewhere' })
    expect(verdict!.sentence).toMatch(/The server answered invalid_grant \(400\)\.$/)
  })

  it('a key that was lost is told by the refresh that found out alone', async () => {
    const records = await recording('key-lost')
    const refresh = records.filter(({ name }) => name === 'authflight.refresh')
    expect(causes(refresh)).toEqual(['key_lost'])
  })

  it('a reuse whose winner was not recorded is no reuse, but a refusal without a reason', async () => {
    const records = await recording('reuse-by-a-copied-tab')
    const loser = records.findLast(({ name }) => name === 'authflight.session_end')!.tab
    const [verdict] = verdictsOn(records.filter(({ tab }) => tab === loser))
    expect(verdict).toMatchObject({ cause: 'no_reason_given', tone: 'bad' })
    expect(verdict!.missing).toEqual(['How long the refresh token lives, and what other clients did with it.'])
  })

  it('a lifetime that the server told is read of spans alone, and of the last token alone', () => {
    const first = tellingLifetime([...signedIn(0), ...flight({ at: 1_000, lasting: 90 })])
    const spans = first.filter(({ name }) => !name.startsWith('authflight.record.'))
    expect(verdictsOn([...spans, ...refused(40_000, 2)])[0]).toMatchObject({ cause: 'expired' })
    expect(verdictsOn([...first, ...refused(40_000, 2)])[0]).toMatchObject({ cause: 'expired' })
    const early = verdictsOn([...first, ...refused(20_000, 2)])[0]!
    expect(early.sentence).toContain('the lifetime that it had told was not over')
    expect(early.missing).toEqual(['What other clients did with the refresh token.'])
    // The token that came after it had no lifetime told.
    const untold = [...tellingLifetime(signedIn(0)), ...flight({ at: 1_000, lasting: 90 })]
    expect(verdictsOn([...untold, ...refused(40_000, 2)])[0]!.sentence).toContain('expired, revoked or used elsewhere')
  })

  it('a session that is only seen gone is unknown, and it says what was not recorded', async () => {
    const records = await recording('reuse-by-a-copied-tab')
    const gone = records.filter(({ name }) => name === 'authflight.record.store_change')
    const [verdict] = verdictsOn(gone)
    expect(verdict).toMatchObject({ cause: 'unknown', tone: 'bad' })
    expect(verdict!.missing).toEqual([
      'The end itself: only that the session was gone.',
      'Any refresh of this session.',
    ])
    const last = gone.at(-1)!.id
    expect(verdict!.steps).toMatchObject([{ record: last, text: 'Tab A saw that the session was gone' }])
    expect(composeHeadline(modelOf(gone)).record).toBe(last)
  })

  it('a sign-out of a tab that records nothing is a sign-out elsewhere', async () => {
    const records = await recording('signed-out-here')
    const follower = records.find(({ attributes }) => attributes['authflight.session_end.reason'] === 'other_tab')!.tab
    expect(causes(records.filter(({ tab }) => tab === follower))).toEqual(['signed_out_elsewhere'])
  })

  it('a lost answer whose first try was not recorded is still a lost answer', async () => {
    const [, ...rest] = [...(await recording('answer-lost-then-refused'))].filter(
      ({ name }) => name !== 'authflight.token_request',
    )
    const first = rest.find(({ attributes }) => attributes['authflight.refresh.outcome'] === 'failed')
    const [verdict] = verdictsOn(rest.filter((each) => each !== first))
    expect(verdict).toMatchObject({ cause: 'own_retry' })
    expect(verdict!.missing).not.toEqual([])
  })
})

describe('a refusal', () => {
  it('is no lost answer only because an earlier try failed: the token may have been good then', () => {
    const lost = flight({ at: 30_000, lasting: 50, outcome: 'failed', status: null, error: 'network' })
    expect(causes([...signedIn(0), ...lost, ...refused(40_000)])).toEqual(['no_reason_given', 'answer_lost'])
  })

  it('after a long freeze is most likely an expiry, and is told as likely', () => {
    const [verdict] = verdictsOn([
      ...signedIn(0),
      pageState(5_000, 'frozen'),
      pageState(7_205_000, 'resumed'),
      ...refused(7_206_000),
    ])
    expect(verdict!.cause).toBe('asleep')
    expect(verdict!.sentence).toContain('the page had been away for 2 h')
    expect(verdict!.sentence).toContain('most likely')
  })

  it('after a short freeze is none', () => {
    expect(
      causes([...signedIn(0), pageState(5_000, 'frozen'), pageState(15_000, 'resumed'), ...refused(34_000)]),
    ).toEqual(['no_reason_given'])
  })

  it('of a token that the server still accepts from others is no reuse: both may hold what they hold', () => {
    const winner = flight({ at: 34_000, lasting: 100, revision: 1 })
    const loser = flight({
      at: 34_010,
      lasting: 120,
      revision: 1,
      outcome: 'adopted',
      tab: 'tab-2',
      client: 'client-2',
    })
    expect(causes([...signedIn(0), ...winner, ...loser])).toEqual([])
  })

  it('of a token that an earlier refresh had left the same is no reuse', () => {
    const renewed = flight({
      at: 20_000,
      lasting: 100,
      trigger: 'timer',
      outcome: 'renewed',
      tab: 'tab-2',
      client: 'client-2',
    })
    expect(causes([...signedIn(0), ...renewed, ...committed(20_099, 2), ...refused(34_000)])).toEqual([
      'no_reason_given',
    ])
  })

  it('of a newer generation ends a family that was revoked by an earlier reuse', () => {
    const winner = flight({ at: 34_000, lasting: 100, revision: 1 })
    const loser = flight({
      at: 34_010,
      lasting: 120,
      revision: 1,
      outcome: 'rejected',
      status: 400,
      error: 'invalid_grant',
      tab: 'tab-2',
      client: 'client-2',
    })
    expect(causes([...signedIn(0), ...winner, ...loser, ...refused(60_000, 2)])).toEqual(['reuse_elsewhere'])
  })
})

describe('a sign-out', () => {
  it('long after a failure is a sign-out by hand', () => {
    const failure = flight({ at: 30_000, lasting: 50, outcome: 'failed', status: 500, error: 'server_error' })
    const out = [ended(31_000, 'user'), event(31_001, 'SIGNED_OUT', {}, 'user')]
    expect(causes([...signedIn(0), ...failure, ...out])).toEqual(['signed_out_here', 'server_error'])
  })

  it('is told by the tab that did it, also where a follower was heard first', () => {
    const [verdict] = verdictsOn([...signedIn(0), ended(30_000, 'other_tab', 'tab-2'), ended(30_001, 'user')])
    expect(verdict!.sentence).toMatch(/^Account 1 signed out in Tab A at .+\. Tab B followed\.$/)
  })
})

describe('a sign-out during a refresh', () => {
  const whileRefreshing = (reason: string, discard: string) => [
    ...signedIn(0),
    ...flight({ at: 33_000, lasting: 1_400, outcome: 'discarded', discard }),
    ended(33_600, reason),
    ended(33_650, 'other_tab', 'tab-2'),
  ]

  it.each([
    ['user', 'signed_out'],
    ['replaced', 'replaced'],
  ])('has its steps in order of time: the answer comes after the end (%s)', (reason, discard) => {
    const [verdict] = verdictsOn(whileRefreshing(reason, discard))
    expect(verdict!.steps.map(({ at }) => at - noon)).toEqual([33_000, 33_600, 33_650, 34_400])
    expect(verdict!.steps.at(-1)!.text).toMatch(/^Tab A: the answer found /)
  })

  it('is about the end, not about the answer that came after it', () => {
    const records = whileRefreshing('user', 'signed_out')
    const [verdict] = verdictsOn(records)
    expect(verdict!.record).toBe(records.find(({ name }) => name === 'authflight.session_end')!.id)
  })
})

it('what led to the end of a session comes before it, though the flight that met it ends after', async () => {
  for (const name of ['key-lost', 'reuse-by-a-copied-tab', 'refused-without-a-reason']) {
    const [verdict] = verdictsOn(await recording(name))
    expect(verdict!.steps.at(-1)!.text).toMatch(/ended the session|followed/)
    const times = verdict!.steps.map(({ at }) => at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  }
})

describe('the network', () => {
  it('is named where the device told that it went offline', () => {
    const went = record('authflight.record.network', 29_000, 0, { attributes: { 'network.state': 'offline' } })
    const lost = flight({ at: 30_000, lasting: 50, outcome: 'failed', status: null, error: 'network' })
    const [verdict] = verdictsOn([...signedIn(0), went, ...lost])
    expect(verdict).toMatchObject({ cause: 'offline', tone: 'warning' })
    expect(verdict!.steps[0]!.record).toBe(went.id)
  })
})

describe('the clock', () => {
  const headline = (records: readonly unknown[]) => composeHeadline(modelOf(records)).verdict
  it.each(['expiry', 'clock_jump'])(
    'was moved ahead where a token looked dead long before its time (%s)',
    (trigger) => {
      const verdict = headline([...signedIn(0), ...flight({ at: 5_000, lasting: 90, trigger })])
      expect(verdict).toMatchObject({ cause: 'clock', tone: 'notice' })
      expect(verdict!.sentence).toContain('25 s before its time')
    },
  )

  const moved = [...signedIn(0), ...flight({ at: 5_000, lasting: 90, trigger: 'expiry' })]
  const usual = (at: number, revision = 2) => flight({ at, lasting: 90, trigger: 'timer', revision })

  it('is an incident that the next refresh does not end, and the headline for half a minute', () => {
    const soon = [...moved, ...usual(20_000)]
    expect(causes(soon)).toEqual(['clock'])
    expect(headline(soon)).toMatchObject({ cause: 'clock', tone: 'notice' })
    expect(headline([...soon, ...flight({ at: 30_000, lasting: null, revision: 3 })])?.cause).toBe('clock')
    const later = [...soon, ...usual(40_000, 3)]
    expect(causes(later)).toEqual(['clock'])
    expect(headline(later)?.cause).toBe('healthy')
  })

  it('is an incident beside the end of its session', () => {
    expect(causes([...moved, ended(60_000, 'user')])).toEqual(['signed_out_here', 'clock'])
  })

  it('is told first though a refresh had failed before, which the next one mended', () => {
    const busy = flight({ at: 2_000, lasting: 50, outcome: 'failed', status: 429, error: 'rate_limited' })
    const both = [...signedIn(0), ...busy, ...moved.slice(3)]
    expect(headline(both)?.cause).toBe('clock')
    expect(headline([...both, ...usual(20_000)])?.cause).toBe('clock')
  })

  it('is a problem that the keys n and p lead to, in whatever order its records come', () => {
    const back = [
      ...signedIn(0),
      ...flight({ at: 31_000, lasting: 90, trigger: 'unauthorized' }),
      jumped(31_050, -3_600),
    ]
    const refresh = back.find(({ name }) => name === 'authflight.refresh')!
    for (const records of [back, back.toReversed(), [...back.slice(0, 3), back.at(-1)!, ...back.slice(3, -1)]]) {
      const model = modelOf(records)
      expect(model.problems.map((row) => model.columns.record(row).id)).toEqual([refresh.id])
      const one = new RecordModel()
      for (const each of records) one.add(each)
      one.settle()
      expect(one.problems).toHaveLength(1)
    }
    expect(modelOf([...signedIn(0), ...usual(20_000, 1)]).problems).toEqual([])
  })

  it('has not jumped shortly before where that was hours ago, and a sign-in was under way all the while', () => {
    const shown = record('authflight.record.page_state', 0, 0, { attributes: { 'page.state': 'visible' } })
    const signingIn = record('authflight.sign_in', 1, null)
    const over = [...signedIn(0), shown, signingIn, jumped(2), ended(7_200_000, 'expired')]
    expect(verdictsOn(over)[0]!.sentence).not.toContain('that clock was moved')
  })

  it('was moved back where a token was used long after its death', () => {
    const verdict = headline([...signedIn(0), ...flight({ at: 90_000, lasting: 90, trigger: 'unauthorized' })])
    expect(verdict).toMatchObject({ cause: 'clock' })
    expect(verdict!.sentence).toContain('1 min after its time: the clock had been set back.')
  })

  it('was set back where that was noticed, as soon as the token had died, and a slow call alone shows nothing', () => {
    const refused = flight({ at: 33_000, lasting: 90, trigger: 'unauthorized' })
    const verdict = headline([...signedIn(0), ...refused, jumped(33_050, -3_600)])
    expect(verdict!.sentence).toContain('still good to this device’s clock 3 s after its time')
    expect(verdict!.steps.map(({ text }) => text)).toContain('Tab A: it was seen that the clock had jumped')
    expect(headline([...signedIn(0), ...refused])?.cause).toBe('healthy')
    expect(headline([...signedIn(0), ...refused, jumped(33_050, 3_600)])?.cause).toBe('healthy')
    expect(headline([...signedIn(0), ...refused, jumped(33_050, -2)])?.cause).toBe('healthy')
  })

  it('is not blamed for a refresh that was forced, or came at the usual margin', () => {
    expect(headline([...signedIn(0), ...flight({ at: 5_000, lasting: 90, trigger: 'forced' })])?.cause).toBe('healthy')
    expect(headline([...signedIn(0), ...flight({ at: 27_500, lasting: 90, trigger: 'expiry' })])?.cause).toBe('healthy')
  })

  it('is not blamed for a refresh like any other after it has jumped', () => {
    const later = flight({ at: 20_000, lasting: 90, trigger: 'forced' })
    expect(headline([...signedIn(0), jumped(3_000), ...later])?.cause).toBe('healthy')
    const timely = flight({ at: 27_500, lasting: 90, trigger: 'expiry' })
    expect(headline([...signedIn(0), jumped(3_000), ...timely])?.cause).toBe('healthy')
    const asked = flight({ at: 27_500, lasting: 90, trigger: 'clock_jump' })
    expect(headline([...signedIn(0), jumped(3_000), ...asked])?.cause).toBe('healthy')
  })

  it('is named where it jumped right before the session expired', () => {
    const over = [...signedIn(0), jumped(15_000), ended(20_000, 'expired')]
    expect(verdictsOn(over)[0]).toMatchObject({ cause: 'clock' })
    expect(verdictsOn(over)[0]!.sentence).toContain('that clock was moved or the machine slept')
  })

  it('is not blamed for a session that had expired anyway, was refused, or ended elsewhere', () => {
    const due = [...signedIn(0), jumped(35_000), ended(40_000, 'expired')]
    expect(causes(due)).toEqual(['expired'])
    const told = tellingLifetime(flight({ at: 1_000, lasting: 90, trigger: 'timer' }))
    expect(causes([...signedIn(0), ...told, jumped(35_000), ended(40_000, 'expired')])).toEqual(['expired'])
    const [refresh] = refused(19_900)
    expect(causes([...signedIn(0), jumped(15_000), refresh, ended(20_000, 'expired')])).toEqual(['expired'])
    expect(causes([...signedIn(0), jumped(15_000, -40), ended(20_000, 'expired')])).toEqual(['expired'])
    expect(causes([...signedIn(0), jumped(15_000), ended(20_000, 'expired', 'tab-2')])).toEqual(['expired'])
  })

  it('is not blamed where the stored expiry was changed', () => {
    const changed = seen(4_000, 1, { tab: 'tab-1', client: 'client-1' }, 'foreign', -1)
    expect(headline([...signedIn(0), changed, ...flight({ at: 5_000, lasting: 90, trigger: 'expiry' })])?.cause).toBe(
      'healthy',
    )
  })
})

describe('trouble that recurs', () => {
  const busy = (at: number) => flight({ at, lasting: 50, outcome: 'failed', status: 429, error: 'rate_limited' })
  it('is one incident', () => {
    const [verdict, ...others] = verdictsOn([...signedIn(0), ...busy(30_000), ...busy(31_000), ...busy(33_000)])
    expect(others).toEqual([])
    expect(verdict!.sentence).toBe(
      '3 refreshes, #1 to #3, failed: the server asked to come later (HTTP 429). Account 1 stays signed in.',
    )
  })

  it('is two where a token came in between', () => {
    expect(causes([...signedIn(0), ...busy(30_000), ...committed(30_500, 2), ...busy(31_000)])).toEqual([
      'rate_limited',
      'rate_limited',
    ])
  })
})

it('shows of a session that was cleared what had been stored, and who saw it gone', async () => {
  const [verdict] = verdictsOn(await recording('storage-cleared'))
  expect(verdict!.steps.map(({ text }) => text)).toEqual([
    'Tab A: generation 1 was stored',
    'Tab A saw that the session was gone',
    'Tab A ended the session: storage was cleared',
  ])
})

it('every step of a verdict shows a record that is there', async () => {
  for (const name of [
    'reuse-by-a-copied-tab',
    'answer-lost-then-refused',
    'signed-out-during-refresh',
    'replaced-during-refresh',
    'storage-cleared',
  ]) {
    const model = modelOf(await recording(name))
    for (const verdict of judge(model)) {
      expect(verdict.steps.length).toBeGreaterThan(1)
      for (const { record: id } of [...verdict.steps, verdict]) expect(model.columns.rowOf(id)).toBeDefined()
    }
  }
})

it('names come from the app and are in the sentence only', async () => {
  const model = modelOf(await recording('refused-without-a-reason'))
  const [verdict] = judge(model, { account: () => 'alice', tab: (tab) => model.labels.tab(tab) })
  expect(verdict!.sentence).toMatch(/^alice was signed out in Tab A/)
  expect(JSON.stringify([...model.columns.records])).not.toContain('alice')
})
