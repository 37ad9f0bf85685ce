import { expect, it } from 'vitest'
import { describe as describeRecord } from '../../src/model/describe.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { plainNames } from '../../src/model/whose.ts'
import { claimWait, discardBySignOut, flight, mixed, storm } from '../fixtures.ts'

function describeFirst(records: readonly { name: string }[], name: string) {
  const model = new RecordModel()
  model.addAll(records)
  return describeRecord(
    model,
    model.columns.records.findIndex((record) => record.name === name),
  )
}

it('tells of a flight its outcome, generation, answer, waiters and time', () => {
  const { title, facts, spoken } = describeFirst(storm(), 'authflight.refresh')
  expect(title).toBe('Refresh #1')
  expect(Object.fromEntries(facts)).toMatchObject({
    Outcome: 'rotated',
    Trigger: 'expiry',
    Generation: '1 → 2',
    HTTP: '200',
    Waiters: '999',
    Duration: '118 ms',
    In: 'Tab A',
  })
  expect(spoken).toBe('Refresh #1, Tab A, rotated, 118 ms, 999 waiters')
})

it('tells whose it is, and says so where there are several accounts', () => {
  const model = new RecordModel()
  model.addAll(mixed())
  const names = { ...plainNames(model), account: (_: string, id: string | null) => (id === 'a2' ? 'bob' : 'alice') }
  const { row } = model.flights.all.at(-1)!
  expect(describeRecord(model, row, names).spoken).toBe('Refresh #7, bob, Tab B, rotated, 240 ms, 2 waiters')
  expect(Object.fromEntries(describeRecord(model, row, names).facts)).toMatchObject({ Account: 'bob', In: 'Tab B' })
  expect(Object.fromEntries(describeRecord(model, row).facts)).toMatchObject({ Account: 'Account 2' })
  expect(describeRecord(model, row + 1, names).spoken).toBe('Wait of #7, bob, Tab B, rotated, 239 ms')
})

it('tells of a discard why, and what became of the token', () => {
  const { facts } = describeFirst(discardBySignOut(), 'authflight.refresh')
  expect(Object.fromEntries(facts)).toMatchObject({ Reason: 'signed out', Revocation: 'done' })
})

it('leads from a flight to its parts, and from each part back', () => {
  expect(describeFirst(discardBySignOut(), 'authflight.refresh').relations.map(({ label }) => label)).toEqual([
    'Sent: POST token 200 of #1',
    'Discard: Discard of #1',
    'Meanwhile: Session end',
  ])
  expect(describeFirst(claimWait(), 'authflight.contention').relations.map(({ label }) => label)).toEqual([
    'Part of: Refresh #2',
  ])
})

it('does not list a flight’s waiters one by one', () => {
  const [refresh, ...rest] = flight({ at: 0, lasting: 90, waiters: 8 })
  const waits = rest.filter(({ name }) => name === 'authflight.wait')
  const linked = { ...refresh!, links: waits.map(({ traceId, id }) => ({ traceId, id })) }
  expect(describeFirst([linked, ...rest], 'authflight.refresh').relations.map(({ label }) => label)).toEqual([
    'Sent: POST token 200 of #1',
    'Committed: Gen 2 · A',
  ])
})

it('shows every attribute under the name it was recorded by', () => {
  const { attributes } = describeFirst(storm(), 'authflight.token_request')
  expect(Object.fromEntries(attributes)).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': '200',
    'server.port': '4444',
  })
})

it('speaks of up to four that wanted the same generation meanwhile by their numbers, and of more as more', () => {
  const spoken = (others: number) => {
    const records = Array.from({ length: others + 1 }, (_, at) =>
      flight({ at, lasting: 1_000, outcome: 'failed' }),
    ).flat()
    return describeFirst(records, 'authflight.refresh').spoken
  }
  expect(spoken(4)).toBe(
    'Refresh #1, Tab A, failed, 1 s, wanted the same generation as refresh #2 and #3 and #4 and #5',
  )
  expect(spoken(40)).toBe('Refresh #1, Tab A, failed, 1 s, wanted the same generation as more than 4 refreshes')
})
