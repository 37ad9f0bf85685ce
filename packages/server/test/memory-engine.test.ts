import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { rememberFor } from '../src/engine.ts'
import { memoryEngine } from '../src/index.ts'
import { createManualClock } from './support/clock.ts'
import { describeEngine, lasting } from './support/engine-conformance.ts'

const create = () => {
  const time = createManualClock()
  return { engine: memoryEngine(time), elapse: time.advance, time }
}

describeEngine('memory', create)

const place = { session: 'session', token: 'token' }
const sealed = Uint8Array.of(1)
const request = (holder: string) => ({ holder, lease: 10_000, note: sealed, again: true, miss: null, awaited: true })

test('a wait ends by its own time, too, and leaves no timer behind', async () => {
  const { engine, time } = create()
  await engine.claim(place, request('a'))
  const before = time.timers
  const waiting = engine.wait(place, 'a', 3_000)
  expect(time.timers).toBe(before + 1)
  time.advance(3_000)
  await waiting
  expect(time.timers).toBe(before)
})

test('what it remembers is gone when its time is over: nothing and no timer is left', async () => {
  const { engine, time } = create()
  for (let n = 0; n < 100; n += 1) {
    const at = { session: `session ${n}`, token: `token ${n}` }
    await engine.claim(at, request('a'))
    if (n % 4 === 0) await engine.publish(at, 'a', sealed, lasting(10_000))
    if (n % 4 === 1) await engine.fail(at, 'a', sealed, { ttl: 1_000, lost: n % 8 === 1, awaited: true })
    if (n % 4 === 2) await engine.end(at.session, 86_400_000)
  }
  expect(engine.size).toBe(100)
  time.advance(10_000)
  expect(engine.size).toBe(75)
  time.advance(86_400_000)
  expect(engine.size).toBe(0)
  expect(time.timers).toBe(0)
})

test('what was prolonged is remembered from then on', async () => {
  const { engine, time } = create()
  await engine.claim(place, request('a'))
  time.advance(8_000)
  await engine.claim(place, request('a'))
  time.advance(2_000 + rememberFor)
  expect(await engine.claim(place, { ...request('b'), again: false })).toEqual({ kind: 'abandoned' })
})

test('what an end has made it forget takes nothing with it that comes after', async () => {
  const { engine, time } = create()
  await engine.claim(place, request('a'))
  await engine.end(place.session, 1_000)
  time.advance(rememberFor + 5_000)
  await engine.claim(place, request('b'))
  time.advance(6_000)
  expect(await engine.claim(place, request('c'))).toMatchObject({ kind: 'held', holder: 'b' })
})

test('a reset forgets everything, and who held a right can store nothing any more', async () => {
  const { engine, time } = create()
  await engine.claim(place, request('a'))
  await engine.end('another session', 10_000)
  const waiting = engine.wait(place, 'a', 10_000)
  engine.reset()
  await waiting
  expect([engine.size, time.timers]).toEqual([0, 0])
  expect(await engine.publish(place, 'a', sealed, lasting(10_000))).toEqual({ kind: 'superseded', outcome: null })
  expect(await engine.claim(place, request('b'))).toEqual({ kind: 'taken', orphan: false, takes: 1 })
  expect(await engine.fail(place, 'a', sealed, { ttl: 1_000, lost: false, awaited: true })).toMatchObject({
    kind: 'superseded',
  })
  expect(await engine.claim(place, request('c'))).toMatchObject({ kind: 'held', holder: 'b' })
})

test('its pepper is in no log that names it', () => {
  const { engine } = create()
  const [byte] = engine.pepper
  expect(inspect(engine, { depth: 9 })).not.toContain(`Uint8Array`)
  expect(JSON.stringify({ engine })).toBe('{"engine":{"scope":"realm"}}')
  expect({ ...engine }.pepper[0]).toBe(byte)
})

test('each brings a pepper of its own', () => {
  const [one, two] = [create().engine.pepper, create().engine.pepper]
  expect(one).toHaveLength(32)
  expect(one).not.toEqual(two)
})
