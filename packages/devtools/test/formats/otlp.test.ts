import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRequest } from '../../../telemetry/test/support/schema.ts'
import { readRecording, writeOtlp, writeOtlpLines } from '../../src/formats/index.ts'
import { readRecord } from '../../src/model/record-shape.ts'
import { flight, mixed, noon, record, storm } from '../fixtures.ts'
import { anyRecord } from './arbitrary-record.ts'

const byId = (a: { id: string } | null, b: { id: string } | null) => (a!.id < b!.id ? -1 : 1)
const many = fc.uniqueArray(anyRecord, { selector: ({ id }) => id, minLength: 1, maxLength: 12 })

describe('OTLP out and in', () => {
  it('gives every record back as it was: ended operations, points, aggregates and what is open', () => {
    fc.assert(
      fc.property(many, (records) => {
        const back = readRecording(JSON.stringify(writeOtlp(records)))
        expect(back.records.toSorted(byId)).toEqual(records.map((each) => readRecord(each)).toSorted(byId))
      }),
      { numRuns: 300 },
    )
  })

  it('does so by lines as well, one a tab', () => {
    fc.assert(
      fc.property(many, (records) => {
        const text = writeOtlpLines(records)
        expect(text.trimEnd().split('\n')).toHaveLength(new Set(records.map(({ tab }) => tab)).size)
        expect(readRecording(text).records.toSorted(byId)).toEqual(
          records.map((each) => readRecord(each)).toSorted(byId),
        )
      }),
    )
  })

  it('keeps to OpenTelemetry’s own schema, whole and by lines', () => {
    const read = (text: string) => readRequest('/v1/traces', 'application/json', Buffer.from(text))
    fc.assert(
      fc.property(many, (records) => {
        for (const text of [JSON.stringify(writeOtlp(records)), ...writeOtlpLines(records).trimEnd().split('\n')])
          read(text)
      }),
    )
    const strange = { resourceSpans: [{ scopeSpans: [{ spans: [{ colour: 'red' }] }] }] }
    expect(() => read(JSON.stringify(strange))).toThrow('unknown fields')
  })

  it('keeps times to the microsecond', () => {
    const [refresh] = flight({ at: 0.1232, lasting: 10.000_01 })
    const [back] = readRecording(JSON.stringify(writeOtlp([refresh!]))).records
    expect(back).toMatchObject({ startedAt: noon + 0.123, endedAt: noon + 10.123 })
  })

  it('writes what a collector takes: hex ids, 64-bit times as text, kinds and statuses by number', () => {
    const failing = flight({ at: 0, lasting: 50, outcome: 'failed', status: 500, error: 'server_error' })
    const [{ scopeSpans } = { scopeSpans: [] }] = writeOtlp(failing).resourceSpans
    const [refresh, request] = scopeSpans[0]!.spans
    expect(refresh).toMatchObject({
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      startTimeUnixNano: `${noon}000000`,
      endTimeUnixNano: `${noon + 50}000000`,
      kind: 1,
      status: { code: 2 },
    })
    expect(request).toMatchObject({ kind: 3, parentSpanId: refresh!.spanId })
    expect(request!.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: '500' } })
  })

  it('tells no open operation as ended', () => {
    const open = flight({ at: 0, lasting: null })
    const back = readRecording(JSON.stringify(writeOtlp(open))).records
    expect(back.every(({ endedAt }) => endedAt === undefined)).toBe(true)
  })
})

describe('a file from elsewhere', () => {
  it('may hold spans of other scopes: they are left out', () => {
    const traces = structuredClone(writeOtlp(storm())) as { resourceSpans: unknown[] }
    traces.resourceSpans.unshift({
      scopeSpans: [{ scope: { name: 'http' }, spans: [{ name: 'GET /', traceId: 'x' }] }],
    })
    expect(readRecording(JSON.stringify(traces)).records).toHaveLength(storm().length)
  })

  it('may name kinds and statuses by word, and have no tab', () => {
    const span = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      parentSpanId: '',
      name: 'authflight.token_request',
      kind: 'SPAN_KIND_CLIENT',
      startTimeUnixNano: `${noon}000000`,
      endTimeUnixNano: `${noon + 5}000000`,
      status: { code: 'STATUS_CODE_ERROR' },
    }
    const { records } = readRecording(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }))
    expect(records).toMatchObject([{ kind: 'client', status: 'error', tab: 'file', client: 'file' }])
    expect(records[0]).not.toHaveProperty('parentId')
  })

  it('may be what the embedded trace view gives back', () => {
    const [refresh] = mixed().filter(({ name }) => name === 'authflight.refresh')
    const { id, traceId, name, startedAt, endedAt, attributes } = refresh!
    const span = {
      traceId,
      spanId: id,
      name,
      kind: 'INTERNAL',
      startTime: startedAt,
      endTime: endedAt,
      status: { code: 'UNSET' },
    }
    const traces = [
      { traceId, service: 'app', spans: [{ ...span, attributes: { ...attributes, 'service.name': 'app' } }] },
    ]
    for (const file of [traces, { traces }]) {
      expect(readRecording(JSON.stringify(file)).records).toMatchObject([{ id, startedAt, endedAt, attributes }])
    }
  })

  it('may be what the embedded trace view gives back of an operation that was under way', () => {
    const [refresh] = flight({ at: 0, lasting: null })
    const { id, traceId, name, startedAt, attributes } = refresh!
    const marked = { ...attributes, 'authflight.record.open': true }
    const span = { traceId, spanId: id, name, startTime: startedAt, endTime: startedAt, attributes: marked }
    const { records } = readRecording(JSON.stringify({ traces: [{ spans: [span] }] }))
    expect(records).toMatchObject([{ id, startedAt }])
    expect(records[0]!.endedAt).toBeUndefined()
    expect({ ...records[0]!.attributes }).toEqual(attributes)
  })

  it('may be plain records, as a recording, as a list, or by lines', () => {
    const records = [
      ...storm(),
      record('authflight.record.network', 0, 0, { attributes: { 'network.state': 'offline' } }),
    ]
    const files = [
      JSON.stringify({ v: 1, records }),
      JSON.stringify(records),
      records.map((each) => JSON.stringify(each)).join('\n'),
    ]
    for (const file of files) expect(readRecording(file).records).toHaveLength(records.length)
  })
})
