import { expect, test } from 'vitest'
import { asTheyHappen, flightAt, spansAFlight } from '../src/panel/spans.ts'

const flights = [0, 7, 507].map((number) => flightAt(1_000, number))

test('a flight as it happens is told in order, each operation when it begins and again when it ends', () => {
  for (const flight of flights) {
    const told = asTheyHappen(flight)
    expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).toSorted((a, b) => a - b))

    const operations = flight.filter(({ startedAt, endedAt }) => startedAt !== endedAt)
    expect(operations).toHaveLength(spansAFlight)
    for (const operation of operations) {
      const [begun, ended, ...more] = told.filter(({ record }) => record.id === operation.id)
      expect(begun?.at).toBe(operation.startedAt)
      expect(begun?.record).not.toHaveProperty('endedAt')
      expect(ended).toEqual({ at: operation.endedAt, record: operation })
      expect(more).toEqual([])
    }
    const instants = flight.filter((record) => !operations.includes(record))
    expect(told.flatMap(({ record }) => (instants.includes(record) ? record : []))).toEqual(instants)
  }
})

test('an operation that has just begun knows no outcome', () => {
  const begun = asTheyHappen(flights.flat()).filter(({ record }) => record.endedAt === undefined)
  expect(begun).toHaveLength(flights.length * spansAFlight)
  for (const { record } of begun) {
    expect(record.status).toBe('unset')
    expect(Object.keys(record.attributes).join(' ')).not.toMatch(/outcome|count|error|status_code/)
  }
})
