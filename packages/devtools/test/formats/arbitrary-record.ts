import type { AuthRecord } from '@authflight/client'
import fc from 'fast-check'
import { recordNames } from '../../src/model/names.ts'

const hex = (digits: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits }).map((all) => all.join(''))
const id = fc.string({ minLength: 1, maxLength: 64 })
const value = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
)
const key = fc.oneof(
  fc.constantFrom('session.id', 'refresh.outcome', 'token.expires_in').map((name) => `authflight.${name}`),
  fc.string({ minLength: 1, maxLength: 40 }),
)
/** Microseconds up to the year 2096, as epoch milliseconds: until then a double can tell them apart. */
const time = fc
  .integer({ min: 1_100_000_000_000_000, max: 4_000_000_000_000_000 })
  .map((microseconds) => microseconds / 1000)

/** Any record that a client may make, at microsecond times. */
export const anyRecord: fc.Arbitrary<AuthRecord> = fc
  .record({
    id: hex(16),
    traceId: hex(32),
    parentId: fc.option(hex(16), { nil: undefined }),
    links: fc.array(fc.record({ traceId: hex(32), id: hex(16) }), { maxLength: 5 }),
    name: fc.constantFrom(...recordNames),
    startedAt: time,
    length: fc.option(fc.integer({ min: 0, max: 100_000_000 }), { nil: undefined }),
    status: fc.constantFrom('unset' as const, 'error' as const),
    attributes: fc.dictionary(key, value, { maxKeys: 12 }),
    client: id,
    tab: id,
  })
  .map(({ length, parentId, startedAt, name, ...rest }): AuthRecord => {
    const isPoint = name.startsWith('authflight.record.')
    const endedAt = isPoint
      ? startedAt
      : length === undefined
        ? undefined
        : Math.round(startedAt * 1000 + length) / 1000
    return {
      ...rest,
      v: 1,
      ...(parentId === undefined ? {} : { parentId }),
      name: name as AuthRecord['name'],
      kind: isPoint ? 'point' : name === 'authflight.token_request' ? 'client' : 'internal',
      startedAt,
      ...(endedAt === undefined ? {} : { endedAt }),
    }
  })
