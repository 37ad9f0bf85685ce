import { readFile } from 'node:fs/promises'
import type { AuthRecord } from '@authflight/client'
import { describe, expect, it } from 'vitest'
import { readRecording } from '../../src/formats/index.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { explain, writeReport } from '../../src/report/index.ts'
import { reportOf } from '../../src/report/markdown.ts'
import { composeHeadline } from '../../src/verdicts/headline.ts'
import { flight, noon, record, signedIn, storm } from '../fixtures.ts'

async function recording(name: string) {
  return readRecording(await readFile(new URL(`../verdicts/recordings/${name}.json`, import.meta.url), 'utf8'))
}

/** A session lost by reuse, and five seconds later another account that signs out by hand. */
async function reuseAndSignOut(): Promise<AuthRecord[]> {
  const { records } = await recording('reuse-by-a-copied-tab')
  const later = Math.max(...records.map(({ startedAt, endedAt = startedAt }) => endedAt)) - noon + 5_000
  const other = { session: 's9', account: 'a9', tab: 'tab-9', client: 'client-9' }
  const { tab, client } = other
  const attributes = { 'session_end.reason': 'user', 'session.id': 's9' }
  return [
    ...records,
    ...signedIn(later - 60_000, other),
    record('authflight.session_end', later, 0, { tab, client, attributes }),
  ]
}

function headlineOf(records: readonly unknown[]) {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  return composeHeadline(model)
}

describe('explain', () => {
  it('gives sentence, reason, steps, what to do, and the recording they were told from', async () => {
    const given = await recording('reuse-by-a-copied-tab')
    const { sentence, reason, steps, fix, recording: told } = explain(given)
    expect(reason).toBe('reuse_elsewhere')
    expect(sentence).toContain('Tab B presented generation 1 again after Tab A had rotated it.')
    expect(steps.map(({ text }) => text)).toEqual([
      'Tab A: refresh #1 presented generation 1',
      'Tab A: refresh #1 brought generation 2',
      'Tab B: refresh #2 presented generation 1',
      'Tab B: refresh #2 was refused',
      'Tab B ended the session: rejected by the server',
    ])
    expect(fix).toContain('share one store')
    expect(told).toEqual(given)
  })

  it('explains the last sign-out, also when all went well after the next sign-in', async () => {
    const { records } = await recording('refused-without-a-reason')
    const later = records.at(-1)!.startedAt - noon + 60_000
    const next = { session: 's9', account: 'a9' }
    expect(
      explain([...records, ...signedIn(later, next), ...flight({ at: later + 30_000, lasting: 80, ...next })]).reason,
    ).toBe('no_reason_given')
  })

  it('says what the first sentence of the panel says, though somebody else signs out by hand right after', async () => {
    const records = await reuseAndSignOut()
    expect(explain(records).reason).toBe('reuse_elsewhere')
    expect(explain(records).sentence).toBe(headlineOf(records).sentence)
  })

  const moved = [...signedIn(0), ...flight({ at: 5_000, lasting: 90, trigger: 'expiry' })]
  const since = flight({ at: 600_000, lasting: 90, trigger: 'timer', revision: 2 })

  it('tells of a clock that was wrong where nobody was signed out, though all went well since', () => {
    expect(explain([...moved, ...since])).toMatchObject({ reason: 'clock', fix: expect.stringContaining('set it by') })
    const busy = flight({ at: 700_000, lasting: 9, outcome: 'failed', status: 429, error: 'rate_limited', revision: 3 })
    expect(explain([...moved, ...since, ...busy]).reason).toBe('rate_limited')
  })

  it('prefers the last sign-out to a clock that was wrong and to a refresh that failed since, and the report tells of all', () => {
    const out = record('authflight.session_end', 2_000, 0, {
      attributes: { 'session.id': 's9', 'session_end.reason': 'storage_cleared' },
    })
    const busy = flight({ at: 700_000, lasting: 9, outcome: 'failed', status: 429, error: 'rate_limited', revision: 3 })
    const records = [...signedIn(0, { session: 's9', account: 'a9' }), out, ...moved, ...since, ...busy]
    expect(explain(records).reason).toBe('storage_cleared')
    expect(headlineOf(records).verdict?.cause).toBe('rate_limited')
    const [about, also] = writeReport(records).split('## Also')
    expect(about).toContain('Cause: `storage_cleared`')
    for (const cause of ['clock', 'rate_limited']) expect(also).toContain(`\`${cause}\``)
  })

  it('says that all is well where nobody was signed out', () => {
    expect(explain(storm())).toMatchObject({ reason: 'healthy', fix: null, missing: [] })
  })

  it('calls nothing under way whose page others were heard after', () => {
    const left = [...signedIn(0), ...flight({ at: 1_000, lasting: null })]
    expect(explain(left).sentence).toContain('is under way')
    const next = signedIn(5_000, { session: 's9', account: 'a9', tab: 'tab-9', client: 'client-9' })
    expect(explain([...left, ...next]).sentence).toBe('Refresh #1 was cut off with its tab.')
  })

  it('takes anything, and leaves out what is no record', () => {
    expect(explain([null, 7, {}, 'record']).recording.records).toEqual([])
    expect(explain({ records: [] })).toMatchObject({ reason: 'unknown', sentence: 'Nothing recorded yet.', steps: [] })
  })
})

describe('the report', () => {
  it('holds sentence, steps and record ids', async () => {
    const given = await recording('answer-lost-then-refused')
    const report = writeReport(given)
    const { steps, reason } = explain(given)
    expect(report).toMatch(
      /^# Auth refresh report\n\n\*\*Account 1 was signed out in Tab A at .+: the answer to refresh \\#1 was lost/,
    )
    expect(report).toContain(`Cause: \`${reason}\``)
    for (const step of steps) expect(report).toContain(`\`${step.record}\``)
    expect(report).toContain('## What to do')
    expect(report).toContain('## Also')
    // The table has its times in UTC, the sentence those of who reads it.
    expect(report).toMatch(/Times of day in sentences are GMT[+-]\d{4}\./)
  })

  it('of a panel names tabs as the panel does, whichever it has heard first', async () => {
    const { records } = await recording('reuse-by-a-copied-tab')
    const model = new RecordModel()
    const [{ tab: first } = { tab: '' }] = records
    for (const isMeant of [false, true]) model.addAll(records.filter(({ tab }) => (tab === first) === isMeant))
    model.settle()
    const { sentence } = composeHeadline(model)
    expect(sentence).toContain('Tab A presented generation 1 again after Tab B had rotated it.')
    expect(reportOf(model)).toContain(sentence.replaceAll('_', String.raw`\_`))
  })

  it('is about the incident that was asked for, and tells of the others too', async () => {
    const records = await reuseAndSignOut()
    const busy = flight({
      at: records.at(-1)!.startedAt - noon + 60_000,
      lasting: 90,
      outcome: 'failed',
      status: 429,
      error: 'rate_limited',
      session: 's9',
    })
    const { verdict } = headlineOf([...records, ...busy])
    expect(verdict?.cause).toBe('rate_limited')
    const report = writeReport([...records, ...busy], verdict!.record)
    expect(report).toContain('Cause: `rate_limited`')
    expect(report.split('## Also')[1]).toContain('`reuse_elsewhere`')
    expect(writeReport([...records, ...busy], 'not a record')).toContain('Cause: `reuse_elsewhere`')
  })

  it.each(['<https://evil.test/a>', 'http://evil.test', 'WWW.evil.test', 'a@evil.test', '@evil'])(
    'makes no link of %s, which records say',
    (hostile) => {
      const lost = flight({ at: 0, lasting: 9, outcome: 'failed', error: hostile })
      const report = writeReport(lost)
      expect(report).toContain('evil')
      expect(report).not.toMatch(/https?:\/\/|www\.|@\w/i)
    },
  )

  it('makes no markup of what records say', () => {
    const hostile = '](javascript:alert(1)) <img src=x onerror=alert(1)> | ``` \n# '
    const end = record('authflight.session_end', 0, 0, {
      attributes: { 'session.id': 's1', 'session_end.reason': hostile },
    })
    const lost = flight({ at: 0, lasting: 9, outcome: 'failed', error: hostile })
    const report = writeReport([end, ...lost])
    expect(report).not.toMatch(/(^|[^\\])<img/)
    expect(report).not.toContain('\n# \n')
    expect(report.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1)
  })
})
