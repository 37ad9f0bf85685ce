import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  maxFileSize,
  openRecording,
  readRecording,
  RecordingError,
  writeOtlp,
  writeOtlpLines,
} from '../../src/formats/index.ts'
import { mixed, storm } from '../fixtures.ts'

/** What is said of a file that cannot be opened. */
function faultOf(open: () => unknown): string {
  try {
    open()
    return 'opened'
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    return error.fault
  }
}

/** Throws where it is made a text or a number. */
const odd = { toString: 1, valueOf: 1 }
const attributes = [{ key: 'x', value: { intValue: odd } }]
const oddSpans = [
  { name: 'authflight.refresh', startTimeUnixNano: odd, startTime: odd, endTime: odd, attributes },
  { name: odd },
]

describe('a file that cannot be opened is named, with what to do', () => {
  it.each([
    ['nothing', '', 'empty'],
    ['spaces', ' \n\t', 'empty'],
    ['a picture', '\u0089PNG\r\n', 'no_json'],
    ['a page', '<script>alert(1)</script>', 'no_json'],
    ['a cut document', JSON.stringify(writeOtlp(storm())).slice(0, -200), 'cut_off'],
    ['another document', '{"name":"authflight"}', 'no_records'],
    ['no spans', '{"resourceSpans":[]}', 'no_records'],
    [
      'only spans of others',
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'GET' }] }] }] }),
      'no_records',
    ],
    ['a Chrome trace', '{"traceEvents":[]}', 'other_format'],
    ['numbers', '[1,2,3]', 'no_records'],
    [
      'spans of Jaeger’s that are odd all over',
      JSON.stringify({
        data: [{ spans: [{ processID: odd, traceID: odd, startTime: odd, tags: [{ key: odd }] }, 1] }, 2],
      }),
      'no_records',
    ],
    [
      'spans of what is neither text nor number',
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: oddSpans }] }] }),
      'no_records',
    ],
    ['the same in the embedded trace view', JSON.stringify({ traces: [{ spans: oddSpans }] }), 'no_records'],
    ['a deep hole', '['.repeat(100_000), 'cut_off'],
    [
      'holes in every place',
      '{"resourceSpans":[null,1,{"scopeSpans":[null,{"spans":[null,7,{"name":"authflight.refresh"}]}]}]}',
      'no_records',
    ],
  ])('%s', (_, text, fault) => {
    expect(faultOf(() => readRecording(text))).toBe(fault)
  })

  it('200 MB, before a byte of it is read', async () => {
    const file = { size: 200_000_000, text: () => Promise.reject(new Error('read')) } as unknown as Blob
    await expect(openRecording(file)).rejects.toMatchObject({
      fault: 'too_large',
      message: expect.stringContaining('This file has 200 MB; up to 100 MB can be opened.'),
    })
    expect(maxFileSize).toBeLessThan(200_000_000)
  })

  it('and its message holds nothing of the file', () => {
    const secret = 'rt_canary_token'
    for (const text of [secret, `{"records":["${secret}"]}`, `{"resourceSpans":[{"x":"${secret}"`]) {
      let message = ''
      try {
        readRecording(text)
      } catch (error) {
        message = (error as Error).message
      }
      expect(message).not.toBe('')
      expect(message).not.toContain('canary')
    }
  })
})

describe('a file that was cut off', () => {
  it('by lines, gives what came before', () => {
    const text = writeOtlpLines(mixed())
    const cut = text.slice(0, text.trimEnd().lastIndexOf('\n') + 40)
    const { records, isCut } = readRecording(cut)
    expect([isCut, readRecording(text).isCut]).toEqual([true, undefined])
    expect(records.length).toBeGreaterThan(10)
    expect(records.length).toBeLessThan(mixed().length)
  })

  it('anywhere, opens or says what is wrong, and never breaks', () => {
    const text = JSON.stringify(writeOtlp(mixed()))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(['cut_off', 'empty']).toContain(faultOf(() => readRecording(text.slice(0, length))))
      }),
    )
  })
})

it('any JSON at all opens or is refused with a reason', () => {
  const shaped = fc.record({
    resourceSpans: fc.array(
      fc.record({
        resource: fc.jsonValue(),
        scopeSpans: fc.array(fc.record({ scope: fc.jsonValue(), spans: fc.array(fc.jsonValue()) })),
      }),
    ),
  })
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), shaped, fc.record({ records: fc.array(fc.jsonValue()) })), (value) => {
      expect(['opened', 'no_records', 'other_format']).toContain(faultOf(() => readRecording(JSON.stringify(value))))
    }),
  )
})

it('keys of a file reach no prototype', () => {
  const text = JSON.stringify(writeOtlp(storm())).replaceAll('"authflight.flight.id"', '"__proto__"')
  const { records } = readRecording(text)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(records.every(({ attributes }) => Object.getPrototypeOf(attributes) === null)).toBe(true)
})
