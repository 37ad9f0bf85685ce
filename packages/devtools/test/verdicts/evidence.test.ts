import type { AuthRecord } from '@authflight/client'
import { describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { judge } from '../../src/verdicts/judge.ts'
import { committed, flight, record, seen, signedIn } from '../fixtures.ts'

function modelOf(records: readonly AuthRecord[]): RecordModel {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  return model
}

/** All that is said about the records, newest first, with clock times as `TIME`, and what was not recorded in brackets. */
function say(records: readonly AuthRecord[]): string[] {
  return judge(modelOf(records)).map(({ cause, sentence, missing }) => {
    const words = [sentence.replace(/\d\d:\d\d:\d\d\.\d{3}/, 'TIME'), ...missing.map((line) => `[${line}]`)]
    return `${cause}: ${words.join(' ')}`
  })
}

const ended = (at: number, reason: string, tab = 'tab-1') =>
  record('authflight.session_end', at, 0, { tab, attributes: { 'session_end.reason': reason, 'session.id': 's1' } })

const pageState = (at: number, state: string) =>
  record('authflight.record.page_state', at, 0, { attributes: { 'page.state': state } })
const refused = (at: number, revision = 1) => [
  ...flight({ at, lasting: 90, revision, outcome: 'rejected', status: 400, error: 'invalid_grant' }),
  ended(at + 90, 'rejected'),
]
const hour = 3_600_000
const noReason =
  'no_reason_given: Account 1 was signed out in Tab A at TIME: the server no longer accepts this session and does not say why: expired, revoked or used elsewhere. The server answered 400. [How long the refresh token lives, and what other clients did with it.]'
const asleepFor = (length: string) =>
  `asleep: Account 1 was signed out in Tab A at TIME: the page had been away for ${length}, and after that the server no longer accepted the session. It does not say why; most likely it expired meanwhile. [How long the refresh token lives.]`

interface Told {
  readonly name: string
  readonly records: readonly AuthRecord[]
  readonly says: readonly string[]
}

const elsewhere = '[The records of the other tab. Open the panel there too.]'
const successor = { session: 's2', account: 'a2', tab: 'tab-2', client: 'client-2' }

describe('a tab is named only where it is known that it did it', () => {
  it.each<Told>([
    {
      name: 'a sign-out during a refresh that only a follower recorded',
      records: [
        ...signedIn(0),
        ...flight({ at: 33_000, lasting: 1_400, outcome: 'discarded', discard: 'signed_out' }),
        ended(33_650, 'other_tab'),
      ],
      says: [
        `signed_out_during_refresh: Account 1 signed out in another tab, which told nothing here, while refresh #1 was under way. Its new tokens were discarded and revoked. ${elsewhere}`,
      ],
    },
    {
      name: 'a sign-in in place of the session that only a follower recorded',
      records: [...signedIn(0), ended(33_000, 'replaced', 'tab-2'), seen(33_001, 1, successor)],
      says: [`replaced: Another sign-in took the place of Account 1. ${elsewhere}`],
    },
    {
      name: 'a sign-in in place of the session of which the follower told first',
      records: [
        ...signedIn(0),
        ended(33_002, 'replaced', 'tab-2'),
        seen(33_003, 1, successor),
        ended(33_005, 'replaced'),
        ...committed(33_006, 1, { ...successor, tab: 'tab-1', client: 'client-1' }),
      ],
      says: ['replaced: Another sign-in took the place of Account 1 in Tab A.'],
    },
    {
      name: 'a sign-in in place of the session that a follower heard of late, in a page that never showed that session',
      records: [
        ...signedIn(0),
        ...committed(33_000, 1, { ...successor, tab: 'tab-3' }),
        ended(34_500, 'replaced'),
        ...flight({ at: 34_600, lasting: 90, trigger: 'timer', session: 's3', account: 'a3' }),
      ],
      says: ['replaced: Another sign-in took the place of Account 1 in Tab B.'],
    },
    {
      name: 'a sign-in in place of the session shortly after one in another tab',
      records: [
        ...signedIn(0),
        ...committed(32_990, 1, successor),
        ended(33_000, 'replaced'),
        ...committed(33_020, 1, { session: 's3', account: 'a3' }),
      ],
      says: ['replaced: Another sign-in took the place of Account 1 in Tab A.'],
    },
    {
      name: 'a sign-in in place of the session in one of two tabs that showed others',
      records: [
        ...signedIn(0),
        ...committed(29_000, 1, successor),
        ...committed(32_900, 1, { ...successor, session: 's3', tab: 'tab-3', client: 'client-3' }),
        ended(33_000, 'replaced'),
      ],
      says: ['replaced: Another sign-in took the place of Account 1 in Tab C.'],
    },
    {
      name: 'a sign-in in place of the session that only a follower recorded, which had added an account shortly before',
      records: [...signedIn(0), ...committed(29_000, 1, { session: 's2', account: 'a2' }), ended(33_000, 'replaced')],
      says: [`replaced: Another sign-in took the place of Account 1. ${elsewhere}`],
    },
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
  })

  it('and the record that shows it is among the steps', () => {
    const [next] = committed(33_001, 1, { session: 's2', account: 'a2' })
    const [verdict] = judge(modelOf([...signedIn(0), ended(33_000, 'replaced'), next!]))
    expect(verdict!.steps.at(-1)).toMatchObject({
      record: next!.id,
      text: 'Tab A stored the session that took its place',
    })
  })
})

describe('a store that failed is blamed for what it lost alone', () => {
  const failing = flight({ at: 1_000, lasting: 20, outcome: 'failed', status: null, error: 'storage_error' })
  const gone = ended(3 * hour, 'storage_cleared')
  const [failed] = failing
  const cleared =
    'storage_cleared: Account 1 was signed out in Tab A at TIME: the stored session had been removed, and not by a sign-out. Site data was cleared, or other code deleted it.'
  it('where nothing shows that it was good again', () => {
    expect(say([...signedIn(0), failed!, gone])[0]).toMatch(/^storage_unavailable: .+ failed \(refresh #1\)/)
  })
  it.each<Told>([
    { name: 'a refresh that was stored', records: flight({ at: hour, lasting: 90 }), says: [cleared] },
    {
      name: 'a refresh that took over what was stored',
      records: flight({ at: hour, lasting: 90, outcome: 'adopted' }),
      says: [cleared],
    },
    { name: 'what another tab read of it', records: [seen(hour, 1)], says: [cleared] },
  ])('and not after $name', ({ records, says }) => {
    expect(say([...signedIn(0), failed!, ...records, gone]).slice(0, 1)).toEqual(says)
  })
})

describe('what the server told of a lifetime counts for the token that was presented alone', () => {
  const living = (revision: number, at: number, seconds: number) =>
    committed(at, revision).map((it) => ({
      ...it,
      attributes: { ...it.attributes, 'authflight.token.refresh_expires_in': seconds },
    }))
  it('not a later one, that another store held', () => {
    const [verdict] = say([...living(1, 0, 30), ended(40_000, 'rejected'), ...living(2, 50_000, 3_600)])
    expect(verdict).toMatch(/^expired: .+ had been dead for 10.* s/)
  })
  it('nor where spans alone tell', () => {
    const spans = (at: number, revision: number, seconds: number) =>
      flight({ at, lasting: 90, revision, trigger: 'timer' })
        .filter(({ name }) => name === 'authflight.refresh')
        .map((it) => ({ ...it, attributes: { ...it.attributes, 'authflight.token.refresh_expires_in': seconds } }))
    const [verdict] = say([...spans(0, 1, 30), ended(40_000, 'rejected'), ...spans(50_000, 2, 3_600)])
    expect(verdict).toMatch(/^expired: .+ had been dead for 9.* s/)
  })
  it('not one of a newer generation', () => {
    const [verdict] = say([...living(1, 0, 30), ...living(2, 20_000, 3_600), ...refused(40_000)])
    expect(verdict).toMatch(/^expired: .+ had been dead for 10.* s/)
  })
})

it('an answer that was lost after the end did not cause it', () => {
  const lost = flight({ at: 50_000, lasting: 50, outcome: 'failed', status: null, error: 'network' })
  const [refresh] = refused(40_000)
  const said = say([...signedIn(0), refresh!, ended(40_090, 'lost_answer'), ...lost])
  expect(said.at(-1)).toContain('an earlier refresh, of a client that was gone, got no answer')
})

describe('a sleep is blamed for the first refresh after it alone', () => {
  const frozen = [...signedIn(0), pageState(5_000, 'frozen'), pageState(2 * hour, 'resumed')]
  const good = (at: number, outcome = 'rotated') => flight({ at, lasting: 90, trigger: 'timer', outcome })
  it.each<Told>([
    { name: 'the first one', records: [...frozen, ...refused(2 * hour + 9)], says: [asleepFor('2 h')] },
    {
      name: 'one after another that went well',
      records: [...frozen, ...good(2 * hour + 9), ...refused(5 * hour, 2)],
      says: [noReason],
    },
    {
      name: 'one after another that took over what was brought',
      records: [...frozen, ...good(2 * hour + 9, 'adopted'), ...refused(5 * hour)],
      says: [noReason],
    },
    {
      name: 'one of a session that began after it',
      records: [...frozen.slice(-2), ...signedIn(3 * hour), ...refused(4 * hour)],
      says: [noReason],
    },
    {
      name: 'a page that another page took the place of for a moment, after it was shown for an hour',
      records: [...signedIn(0), pageState(9, 'visible'), pageState(hour, 'bfcache'), ...refused(hour + 9)],
      says: [noReason],
    },
    {
      name: 'a page that was frozen in the back-forward cache, and tells twice that it is back',
      records: [
        ...signedIn(0),
        pageState(9, 'hidden'),
        pageState(10, 'frozen'),
        pageState(hour + 10, 'resumed'),
        pageState(hour + 11, 'bfcache'),
        pageState(hour + 12, 'visible'),
        ...refused(hour + 20),
      ],
      says: [asleepFor('1 h')],
    },
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
  })
})

describe('an answer that is none of an authorization server’s', () => {
  const unreadable = (status: number, error = 'malformed_response') => [
    ...signedIn(0),
    ...flight({ at: 30_000, lasting: 90, outcome: 'failed', status, error }),
  ]
  const between = (what: string) =>
    `answered by something in between: ${what}, as from a proxy, a firewall or a sign-in page of the network`
  const http = (status: number) => between(`HTTP ${status} that is none of an authorization server's`)
  const wrong = 'or the address of the token endpoint is wrong'
  it.each<Told>([
    {
      name: 'a redirect',
      records: unreadable(302, 'redirect'),
      says: [`blocked: Refresh #1 was ${between('a redirect')}. Account 1 stays signed in.`],
    },
    {
      name: 'a 403',
      records: unreadable(403),
      says: [`blocked: Refresh #1 was ${http(403)}. Account 1 stays signed in.`],
    },
    ...[404, 200, 405].map((status) => ({
      name: `a ${status}, as the page of a web server is`,
      records: unreadable(status),
      says: [`blocked: Refresh #1 was most likely ${http(status)}; ${wrong}. Account 1 stays signed in.`],
    })),
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
  })
})

/** A refresh that brought nothing, of which its own record alone is left. */
function alone(error: string, attempts: number, outcome = 'failed'): AuthRecord[] {
  const [refresh] = flight({ at: 30_000, lasting: 90, outcome, status: null, error })
  return [
    ...signedIn(0),
    { ...refresh!, attributes: { ...refresh!.attributes, 'authflight.refresh.attempt_count': attempts } },
  ]
}

describe('a request that was not recorded', () => {
  const missing = '[The request.]'
  it.each<Told>([
    {
      name: 'was sent where the refresh counted it',
      records: alone('network', 1),
      says: [
        `answer_lost: The answer to refresh #1 never came: the network broke after the token was sent, or the server could not be reached. Whether it rotated is unknown. Account 1 stays signed in. ${missing}`,
      ],
    },
    {
      name: 'was not sent where the refresh counted none',
      records: alone('network', 0),
      says: [
        'offline: Refresh #1 failed: the server could not be reached, and nothing was sent. Account 1 stays signed in.',
      ],
    },
    {
      name: 'had an answer that nobody knows: an authorization server’s, or another’s',
      records: alone('malformed_response', 1),
      says: [`failed: Refresh #1 failed: malformed response. Account 1 stays signed in. [What went wrong.] ${missing}`],
    },
    {
      name: 'was not held back either',
      records: alone('_OTHER', 1),
      says: [`failed: Refresh #1 failed: another error. Account 1 stays signed in. [What went wrong.] ${missing}`],
    },
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
  })
})

describe('a session that has ended is not told to go on', () => {
  const busy = flight({ at: 30_000, lasting: 50, outcome: 'failed', status: 429, error: 'rate_limited' })
  const offline = flight({ at: 30_000, lasting: 50, outcome: 'failed', status: null, error: 'offline' })
  const early = flight({ at: 5_000, lasting: 90, trigger: 'expiry' })
  const out = 'signed_out_here: Account 1 signed out in Tab A at TIME.'
  it.each<Told>([
    {
      name: 'by a failure before it',
      records: [...signedIn(0), ...busy, ended(31_000, 'user')],
      says: [out, 'rate_limited: Refresh #1 failed: the server asked to come later (HTTP 429).'],
    },
    {
      name: 'nor when it tries again',
      records: [...signedIn(0), ...offline, ended(31_000, 'user')],
      says: [out, 'offline: Refresh #1 failed: this device was offline.'],
    },
    {
      name: 'nor by a wrong clock',
      records: [...signedIn(0), ...early, ended(31_000, 'user')],
      says: [
        out,
        'clock: Generation 1 was dead to this device’s clock 25 s before its time: the clock was moved, or the machine slept. Refresh #1 put it right.',
      ],
    },
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
  })
})

describe('a refresh that failed for want of a network', () => {
  const network = (at: number, state: string) =>
    record('authflight.record.network', at, 0, { attributes: { 'network.state': state } })
  const off = (trigger: string) =>
    flight({ at: 25_000, lasting: 15, outcome: 'failed', status: null, error: 'offline', trigger })
  const [failed] = ['offline: Refresh #1 failed: this device was offline. Account 1 stays signed in']
  it.each<Told>([
    {
      name: 'is tried as soon as that is back where it was due',
      records: [...signedIn(0), ...off('timer')],
      says: [`${failed}; the next try comes with the network.`],
    },
    {
      name: 'may be tried later where somebody had asked for it before its time',
      records: [...signedIn(0), ...off('forced')],
      says: [`${failed}; the next refresh tries again.`],
    },
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
  })

  it('has no step that says so where the network was last heard to be there', () => {
    const steps = (state: string) =>
      judge(modelOf([...signedIn(0), network(24_000, state), ...off('timer')]))[0]!.steps.map(({ text }) => text)
    expect(steps('offline')).toContain('Tab A went offline')
    expect(steps('online')).not.toContain('Tab A went offline')
  })
})

describe('no server has rejected what it was not asked', () => {
  const end = 'That Account 1 was signed out by it is not recorded. [The end of the session.]'
  it.each<Told>([
    {
      name: 'where the key was gone',
      records: alone('key_lost', 0, 'rejected'),
      says: [`key_lost: Refresh #1 sent nothing: its key is gone. ${end}`],
    },
    {
      name: 'where the refresh counted no request',
      records: alone('invalid_grant', 0, 'rejected'),
      says: [`no_reason_given: Refresh #1 sent nothing: invalid grant. ${end}`],
    },
    {
      name: 'unless the refresh counted one',
      records: alone('invalid_grant', 1, 'rejected'),
      says: [`no_reason_given: Refresh #1 was rejected by the server: invalid grant. ${end} [The request.]`],
    },
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
    const { steps } = judge(modelOf(records))[0]!
    expect(steps.some(({ text }) => text.includes('rejected by the server'))).toBe(says[0]!.includes('was rejected'))
  })
})

describe('no answer is told of', () => {
  const gone = (reason: string, status: number | null, attempts: number) => {
    const [refresh, request, discard] = flight({
      at: 33_000,
      lasting: 1_400,
      outcome: 'discarded',
      discard: reason,
      status,
    })
    const counted = {
      ...refresh!,
      attributes: { ...refresh!.attributes, 'authflight.refresh.attempt_count': attempts },
    }
    // There are no tokens to revoke.
    const bare = { ...discard!, attributes: { 'authflight.discard.reason': reason } }
    return [...signedIn(0), counted, ...(attempts > 0 ? [request!] : []), bare]
  }
  const replaced = 'replaced: Another sign-in took the place of Account 1. Refresh #1 was under way;'
  const out = 'signed_out_during_refresh: Account 1 signed out in Tab A while refresh #1 was under way.'
  it.each<Told & { readonly found: string }>([
    {
      name: 'where a sign-out came before anything was sent',
      records: [...gone('signed_out', null, 0), ended(33_600, 'user')],
      says: [`${out} Nothing had been sent.`],
      found: 'the refresh found the session gone before it sent anything',
    },
    {
      name: 'where a sign-out came and the network broke',
      records: [...gone('signed_out', null, 1), ended(33_600, 'user')],
      says: [`${out} Its result was discarded.`],
      found: 'the refresh found the session gone',
    },
    {
      name: 'where a sign-in came before anything was sent',
      records: [...gone('replaced', null, 0), ended(33_600, 'replaced')],
      says: [`${replaced} nothing had been sent. ${elsewhere}`],
      found: 'the refresh found another session before it sent anything',
    },
    {
      name: 'where the end was not recorded, and nothing was sent',
      records: gone('signed_out', null, 0),
      says: ['signed_out_during_refresh: Refresh #1 sent nothing: signed out while it was under way.'],
      found: 'refresh #1 sent nothing',
    },
  ])('$name', ({ records, says, found }) => {
    expect(say(records)).toEqual(says)
    expect(judge(modelOf(records))[0]!.steps.at(-1)!.text).toBe(`Tab A: ${found}`)
  })
})
