import { describe, expect, it } from 'vitest'
import { readRecord } from '../../src/model/record-shape.ts'
import { flight, noon, record } from '../fixtures.ts'

describe('readRecord', () => {
  it('takes every record of a flight as it is', () => {
    for (const made of flight({ at: 0, lasting: 100, waiters: 40, discard: 'signed_out' }))
      expect(readRecord(made)).toEqual(made)
  })

  it('moves times by the shift', () => {
    const read = readRecord(record('authflight.refresh', 0, 50), -20)
    expect(read).toMatchObject({ startedAt: noon - 20, endedAt: noon + 30 })
  })

  const good = record('authflight.refresh', 0, 50)
  const wrong: [string, unknown][] = [
    ['nothing', undefined],
    ['a string', 'record'],
    ['another version', { ...good, v: 2 }],
    ['an id that is not 16 hex digits', { ...good, id: '<img onerror=1>' }],
    ['an unknown name', { ...good, name: 'authflight.steal' }],
    ['a time outside of this century', { ...good, startedAt: 0 }],
    ['an end before its start', { ...good, endedAt: good.startedAt - 1 }],
    ['a time that is not a number', { ...good, startedAt: Number.NaN }],
    ['a tab name as long as a page', { ...good, tab: 'x'.repeat(65) }],
    ['attributes that are a list', { ...good, attributes: [] }],
    ['links that are no list', { ...good, links: {} }],
    ['a point that is open', { ...record('authflight.record.event', 0, 0), endedAt: undefined }],
    [
      'a getter that throws',
      Object.defineProperty({ ...good }, 'attributes', {
        get: () => {
          throw new Error('forged')
        },
      }),
    ],
  ]
  it.each(wrong)('refuses %s', (_, value) => {
    expect(readRecord(value)).toBeNull()
  })

  it('cuts long strings, and leaves out values that are neither text, number nor boolean', () => {
    const attributes = { long: 'x'.repeat(5_000), object: {}, infinite: Infinity, fine: true, ['k'.repeat(500)]: 1 }
    const read = readRecord({ ...good, attributes })
    expect(read?.attributes).toEqual({ long: 'x'.repeat(200), fine: true })
  })

  it('does not take a prototype from outside', () => {
    const read = readRecord({ ...good, attributes: JSON.parse('{"__proto__": {"polluted": true}, "fine": 1}') })
    expect(read?.attributes['polluted']).toBeUndefined()
    expect(read?.attributes['fine']).toBe(1)
  })

  it('copies: what the source does to its record later changes nothing', () => {
    const source = { ...good, attributes: { fine: 1 } as Record<string, number> }
    const read = readRecord(source)
    source.attributes['fine'] = 2
    expect(read?.attributes['fine']).toBe(1)
    expect(Object.isFrozen(read)).toBe(true)
  })
})
