import { expect, test } from 'vitest'
import { SingleFlight } from '../../src/refresh/single-flight.ts'
import { createDeferred } from '../support/deferred.ts'

/** A flight whose end the test decides. */
function createFlight(name: string) {
  const { promise: landing, resolve: land, reject } = createDeferred()
  return { name, landing, land, crash: () => reject(new Error('crashed')) }
}
type Flight = ReturnType<typeof createFlight>

/** Lets everything that has landed be tidied up. */
const tidied = () => new Promise<void>((resolve) => setImmediate(resolve))

test('who asks while a flight is under way joins it', () => {
  const flights = new SingleFlight<Flight>()
  const flight = createFlight('first')
  expect(flights.join('key', () => flight)).toEqual({ flight, started: true })
  expect(flights.join('key', () => createFlight('never'))).toEqual({ flight, started: false })
  expect([flights.size, flights.has('key'), flights.has('other')]).toEqual([1, true, false])
})

test('another key is another flight', () => {
  const flights = new SingleFlight<Flight>()
  flights.join('a', () => createFlight('a'))
  expect(flights.join('b', () => createFlight('b')).started).toBe(true)
})

test.each(['land', 'crash'] as const)('after a flight came to its end (%s) the next one starts', async (end) => {
  const flights = new SingleFlight<Flight>()
  const flight = createFlight('first')
  flights.join('key', () => flight)
  flight[end]()
  await tidied()
  expect(flights.size).toBe(0)
  expect(flights.join('key', () => createFlight('second')).started).toBe(true)
})

test('a start that throws leaves nothing behind, and tells its caller', () => {
  const flights = new SingleFlight<Flight>()
  const fail = () => {
    throw new Error('no runway')
  }
  expect(() => flights.join('key', fail)).toThrow('no runway')
  expect(flights.size).toBe(0)
  expect(flights.join('key', () => createFlight('second')).started).toBe(true)
})

test('a flight that lands late never takes a younger one’s place away', async () => {
  const flights = new SingleFlight<Flight>()
  const old = createFlight('old')
  const young = createFlight('young')
  // The younger one is registered by a start that was asked while the elder one was starting.
  flights.join('key', () => {
    flights.join('key', () => old)
    return young
  })
  old.land()
  await tidied()
  expect(flights.join('key', () => createFlight('never'))).toEqual({ flight: young, started: false })
  young.land()
  await tidied()
  expect(flights.size).toBe(0)
})
