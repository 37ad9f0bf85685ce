import type { AuthRecord } from '@authflight/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecording } from '../../src/formats/index.ts'
import { readRecord } from '../../src/model/record-shape.ts'
import { claimWait, discardBySignOut, flight, mixed, noon, storm } from '../fixtures.ts'
import { anyRecord } from './arbitrary-record.ts'

const typeOf = (value: unknown) =>
  typeof value === 'number'
    ? Number.isInteger(value)
      ? 'int64'
      : 'float64'
    : typeof value === 'string'
      ? 'string'
      : 'bool'
const tag = (key: string, value: unknown) => ({ key, type: typeOf(value), value })
const reference = (refType: string) => (to: { traceId: string; id: string }) => ({
  refType,
  traceID: to.traceId,
  spanID: to.id,
})

/** What Jaeger shows of the spans of ended operations, a process a tab. */
function toJaeger(records: readonly AuthRecord[]) {
  const tabs = [...new Set(records.map(({ tab }) => tab))]
  const spans = records.map((record) => {
    const { id, traceId, parentId, links, name, kind, startedAt, endedAt, status, attributes, tab } = record
    const from = Math.round(startedAt * 1_000)
    return {
      traceID: traceId,
      spanID: id,
      flags: 1,
      operationName: name,
      references: [
        ...(parentId === undefined ? [] : [reference('CHILD_OF')({ traceId, id: parentId })]),
        ...links.map(reference('FOLLOWS_FROM')),
      ],
      startTime: from,
      duration: Math.round(endedAt! * 1_000) - from,
      tags: [
        ...Object.entries(attributes).map(([key, value]) => tag(key, value)),
        tag('span.kind', kind === 'client' ? 'client' : 'internal'),
        tag('otel.scope.name', '@authflight/client'),
        ...(status === 'error' ? [tag('otel.status_code', 'ERROR'), tag('error', true)] : []),
      ],
      logs: [],
      processID: `p${tabs.indexOf(tab)}`,
      warnings: null,
    }
  })
  const processOf = (tab: string) => ({ serviceName: 'shop-web', tags: [tag('service.instance.id', tab)] })
  const processes = Object.fromEntries(tabs.map((tab, at) => [`p${at}`, processOf(tab)]))
  return { data: [{ traceID: records[0]!.traceId, spans, processes, warnings: null }], total: 0, errors: null }
}

const byId = (a: AuthRecord | null, b: AuthRecord | null) => (a!.id < b!.id ? -1 : 1)
const isSpan = ({ name, endedAt }: AuthRecord) => !name.startsWith('authflight.record.') && endedAt !== undefined
/** Jaeger knows no scope's attributes: a tab is one client. */
const asJaegerHas = (record: AuthRecord) => readRecord({ ...record, client: record.tab })

describe('what Jaeger gives', () => {
  it.each([
    ['a storm', storm],
    ['a discard', discardBySignOut],
    ['a wait for a claim', claimWait],
    ['a mixture', mixed],
  ])('opens as the spans that it was given: %s', (_, make) => {
    const spans = make().filter(isSpan)
    const back = readRecording(JSON.stringify(toJaeger(spans))).records
    expect(back.toSorted(byId)).toEqual(spans.map(asJaegerHas).toSorted(byId))
  })

  it('opens so whatever the spans are', () => {
    const named = anyRecord.filter(isSpan).map((record) => {
      const entries = Object.entries(record.attributes)
      return { ...record, attributes: Object.fromEntries(entries.map(([key, value]) => [`authflight.${key}`, value])) }
    })
    const some = fc.uniqueArray(named, { selector: ({ id }) => id, minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(some, (spans) => {
        const back = readRecording(JSON.stringify(toJaeger(spans))).records
        expect(back.toSorted(byId)).toEqual(spans.map(asJaegerHas).toSorted(byId))
      }),
    )
  })

  it('may leave out zeros, give numbers as text, know no process, and hold spans of others', () => {
    const [refresh] = flight({ at: 0, lasting: 90 })
    const [trace] = toJaeger([{ ...refresh!, id: '00000000000000a1', traceId: `0000${'c'.repeat(28)}` }]).data
    const [span] = trace!.spans
    const spans = [
      {
        ...span!,
        spanID: 'a1',
        traceID: 'c'.repeat(28),
        tags: span!.tags.map(({ key, type, value }) => ({
          key,
          type,
          value: typeof value === 'number' ? String(value) : value,
        })),
      },
      { ...span!, operationName: 'GET /' },
    ]
    const { records } = readRecording(JSON.stringify({ data: [{ spans }] }))
    expect(records).toMatchObject([
      { id: '00000000000000a1', traceId: `0000${'c'.repeat(28)}`, tab: 'file', startedAt: noon },
    ])
    expect({ ...records[0]!.attributes }).toEqual(refresh!.attributes)
  })
})
