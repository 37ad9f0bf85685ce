import { describe, expect, test } from 'vitest'
import {
  type ClaimRequest,
  type Engine,
  failuresCountFor,
  type Kept,
  type Place,
  rememberFor,
} from '../../src/engine.ts'
import { turns, until } from './clock.ts'
import { watch } from './set-up.ts'

/** One engine and its time. */
export interface EngineUnderTest {
  readonly engine: Engine
  /** Lets so many milliseconds pass for it. */
  elapse(ms: number): void | Promise<void>
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (sealed: Uint8Array | undefined): string => new TextDecoder().decode(sealed)
const success = bytes('success')
const failed = bytes('failure')

const request = (holder: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  holder,
  lease: 10_000,
  note: bytes(`note of ${holder}`),
  again: false,
  miss: null,
  awaited: true,
  ...more,
})

/** A success that somebody is given at once. */
export const lasting = (ms: number) => ({ ttl: ms, awaited: true })
const unread = { ttl: 10_000, awaited: false }

let count = 0
/** A place that no other test has. */
const newPlace = (): Place => {
  count += 1
  return { session: `session-${process.pid}-${count}`, token: `token-${count}` }
}

/** What every engine does. The tests that each engine runs. */
export function describeEngine(name: string, create: () => EngineUnderTest | Promise<EngineUnderTest>): void {
  const kept = (stored: { readonly outcome?: Kept | null }): string => text(stored.outcome?.sealed)

  describe(`${name}: the right to present`, () => {
    test('is taken by the first, and others see who has it and for how long', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      expect(await engine.claim(place, request('a'))).toEqual({ kind: 'taken', orphan: false, takes: 1 })
      await elapse(4_000)
      const held = await engine.claim(place, request('b'))
      expect(held).toMatchObject({ kind: 'held', holder: 'a' })
      if (held.kind !== 'held') return
      expect(text(held.note)).toBe('note of a')
      expect(held.left).toBeGreaterThan(5_000)
      expect(held.left).toBeLessThanOrEqual(6_000)
    })

    test('of another token, or another session, is another right', async () => {
      const { engine } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      expect(await engine.claim({ ...place, token: 'other' }, request('b'))).toMatchObject({ kind: 'taken' })
      expect(await engine.claim({ ...newPlace(), token: place.token }, request('c'))).toMatchObject({ kind: 'taken' })
    })

    test('goes to one of a hundred who ask at once', async () => {
      const { engine } = await create()
      const place = newPlace()
      const asked = await Promise.all(
        Array.from({ length: 100 }, (_, n) => engine.claim(place, request(`holder ${n}`))),
      )
      expect(asked.filter(({ kind }) => kind === 'taken')).toHaveLength(1)
      expect(asked.filter(({ kind }) => kind === 'held')).toHaveLength(99)
    })

    test('is prolonged by who has it, and that is no second try', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(8_000)
      expect(await engine.claim(place, request('a'))).toEqual({ kind: 'taken', orphan: false, takes: 1 })
      await elapse(8_000)
      expect(await engine.claim(place, request('b', { again: true }))).toMatchObject({ kind: 'held', holder: 'a' })
    })

    test('that ran out without an outcome is abandoned: only who asks to present again takes it, and it is an orphan', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(10_000)
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'abandoned' })
      expect(await engine.claim(place, request('b', { again: true }))).toEqual({
        kind: 'taken',
        orphan: true,
        takes: 2,
      })
      expect(await engine.claim(place, request('c', { again: true }))).toMatchObject({ kind: 'held', holder: 'b' })
    })

    test('that was abandoned is remembered about as long as access tokens live', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(10_000 + rememberFor - 1_000)
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'abandoned' })
      await elapse(1_000)
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'taken', orphan: false, takes: 1 })
    })
  })

  describe(`${name}: what was forgotten`, () => {
    test('is not forgotten a second time: who has the right by then keeps it', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await engine.publish(place, 'a', success, lasting(10_000))
      await elapse(10_000 + rememberFor - 1_000)
      expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'taken' })
      await elapse(1_000)
      expect(await engine.claim(place, request('c'))).toMatchObject({ kind: 'held', holder: 'b' })
    })
  })

  describe(`${name}: an outcome`, () => {
    test('is there for everybody for its time, with its age', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      expect(await engine.publish(place, 'a', success, lasting(10_000))).toEqual({ kind: 'stored' })
      await elapse(7_000)
      const claimed = await engine.claim(place, request('b'))
      if (claimed.kind !== 'outcome') throw new Error(claimed.kind)
      expect(text(claimed.outcome.sealed)).toBe('success')
      expect(claimed.outcome.age).toBeGreaterThanOrEqual(7_000)
      expect(claimed.outcome.age).toBeLessThan(8_000)
      await elapse(3_000)
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'taken', orphan: false, takes: 1 })
    })

    test('comes back as the bytes that were given', async () => {
      const { engine } = await create()
      const place = newPlace()
      const every = Uint8Array.from({ length: 256 }, (_, n) => n)
      await engine.claim(place, request('a', { note: every }))
      expect(await engine.claim(place, request('b'))).toMatchObject({ note: every })
      await engine.publish(place, 'a', every, lasting(10_000))
      expect(await engine.claim(place, request('b'))).toMatchObject({ outcome: { sealed: every } })
    })

    test('of half a megabyte comes back whole', async () => {
      const { engine } = await create()
      const place = newPlace()
      const large = Uint8Array.from({ length: 500_000 }, (_, n) => n % 251)
      await engine.claim(place, request('a'))
      await engine.publish(place, 'a', large, lasting(10_000))
      const claimed = await engine.claim(place, request('b'))
      expect(claimed.kind === 'outcome' && Buffer.compare(claimed.outcome.sealed, large)).toBe(0)
    })

    test('that nobody was given stays longer: its time begins with the first who gets it', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await engine.publish(place, 'a', success, unread)
      await elapse(20_000)
      for (const age of [20_000, 29_000]) {
        const claimed = await engine.claim(place, request('b'))
        if (claimed.kind !== 'outcome') throw new Error(claimed.kind)
        expect(claimed.outcome.age).toBeGreaterThanOrEqual(age)
        expect(claimed.outcome.age).toBeLessThan(age + 900)
        await elapse(9_000)
      }
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'taken', orphan: false, takes: 1 })
    })

    test('that nobody was given is gone when that time is over, and no reader makes it longer', async () => {
      const { engine, elapse } = await create()
      const [place, other] = [newPlace(), newPlace()]
      for (const each of [place, other]) {
        await engine.claim(each, request('a'))
        await engine.publish(each, 'a', success, unread)
      }
      await elapse(rememberFor - 5_000)
      expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'outcome' })
      await elapse(5_000)
      for (const each of [place, other]) expect(await engine.claim(each, request('b'))).toMatchObject({ kind: 'taken' })
    })

    test('that who came too late is given has found its reader', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(10_000)
      await engine.claim(place, request('b', { again: true }))
      await engine.publish(place, 'b', success, unread)
      expect(await engine.publish(place, 'a', bytes('another'), lasting(10_000))).toMatchObject({ kind: 'superseded' })
      await elapse(10_000)
      expect(await engine.claim(place, request('c'))).toMatchObject({ kind: 'taken' })
    })

    test('that is found for nobody has not found its reader', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(10_000)
      await engine.claim(place, request('b', { again: true }))
      await engine.publish(place, 'a', success, unread)
      const fails = { ttl: 1_000, lost: false, awaited: false }
      for (const find of [
        () => engine.claim(place, request('c', { awaited: false })),
        () => engine.publish(place, 'b', bytes('another'), unread),
        () => engine.fail(place, 'b', failed, fails),
      ]) {
        expect(kept((await find()) as { outcome: Kept })).toBe('success')
        await elapse(10_000)
      }
      const claimed = await engine.claim(place, request('c'))
      expect(kept(claimed as { outcome: Kept })).toBe('success')
      await elapse(10_000)
      expect(await engine.claim(place, request('c'))).toMatchObject({ kind: 'taken' })
    })

    test('that is a failure gives the right back, and the tries are counted on', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      expect(await engine.fail(place, 'a', failed, { ttl: 2_000, lost: false, awaited: true })).toEqual({
        kind: 'stored',
      })
      expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'outcome' })
      await elapse(2_000)
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'taken', orphan: false, takes: 2 })
      await engine.fail(place, 'b', failed, { ttl: 2_000, lost: false, awaited: true })
      await elapse(2_000 + failuresCountFor)
      expect(await engine.claim(place, request('c'))).toEqual({ kind: 'taken', orphan: false, takes: 1 })
    })

    test('that was lost leaves the right abandoned when its time is over', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await engine.fail(place, 'a', failed, { ttl: 2_000, lost: true, awaited: true })
      expect(await engine.claim(place, request('b', { again: true }))).toMatchObject({ kind: 'outcome' })
      await elapse(2_000)
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'abandoned' })
      expect(await engine.claim(place, request('b', { again: true }))).toEqual({
        kind: 'taken',
        orphan: true,
        takes: 2,
      })
    })

    test('is written by nobody who never had the right', async () => {
      const { engine } = await create()
      const place = newPlace()
      expect(await engine.publish(place, 'stranger', success, lasting(10_000))).toEqual({
        kind: 'superseded',
        outcome: null,
      })
      await engine.claim(place, request('a'))
      expect(await engine.publish(place, 'stranger', success, lasting(10_000))).toEqual({
        kind: 'superseded',
        outcome: null,
      })
      const how = { ttl: 1_000, lost: false, awaited: true }
      expect(await engine.fail(place, 'stranger', failed, how)).toEqual({ kind: 'superseded', outcome: null })
      expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'held', holder: 'a' })
    })

    test('of the first who succeeds stays; the other is given it', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(10_000)
      await engine.claim(place, request('b', { again: true }))
      expect(await engine.publish(place, 'a', success, lasting(10_000))).toEqual({ kind: 'stored' })
      const second = await engine.publish(place, 'b', bytes('another success'), lasting(10_000))
      expect(second.kind).toBe('superseded')
      expect(kept(second as { outcome: Kept })).toBe('success')
    })

    test('that is a late success replaces a failure, never the other way', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(10_000)
      await engine.claim(place, request('b', { again: true }))
      await engine.fail(place, 'b', failed, { ttl: 5_000, lost: false, awaited: true })
      expect(await engine.publish(place, 'a', success, lasting(10_000))).toEqual({ kind: 'stored' })
      const late = await engine.fail(place, 'b', failed, { ttl: 5_000, lost: true, awaited: true })
      expect(kept(late as { outcome: Kept })).toBe('success')
      const claimed = await engine.claim(place, request('c'))
      expect(kept(claimed as { outcome: Kept })).toBe('success')
    })

    test('of a holder whose right went to another does not give that one’s right back', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await elapse(10_000)
      await engine.claim(place, request('b', { again: true }))
      expect(await engine.fail(place, 'a', failed, { ttl: 5_000, lost: false, awaited: true })).toEqual({
        kind: 'superseded',
        outcome: null,
      })
      expect(await engine.claim(place, request('c', { again: true }))).toMatchObject({ kind: 'held', holder: 'b' })
    })

    test('that does not open counts as none for who says so, and for nobody else', async () => {
      const { engine } = await create()
      const place = newPlace()
      await engine.claim(place, request('a'))
      await engine.publish(place, 'a', success, lasting(10_000))
      const seen = await engine.claim(place, request('b'))
      if (seen.kind !== 'outcome') throw new Error(seen.kind)
      expect(await engine.claim(place, request('b', { miss: bytes('something else') }))).toMatchObject({
        kind: 'outcome',
      })
      expect(await engine.claim(place, request('b', { miss: seen.outcome.sealed }))).toMatchObject({ kind: 'taken' })
      expect(await engine.claim(place, request('c'))).toMatchObject({ kind: 'held', holder: 'b' })
    })
  })

  describe(`${name}: a wait`, () => {
    /** Waits as `b` while `a` presents. */
    async function waitForHolder() {
      const under = await create()
      const place = newPlace()
      await under.engine.claim(place, request('a'))
      const waiting = watch(under.engine.wait(place, 'a', 10_000))
      await turns()
      expect(waiting.isSettled).toBe(false)
      const isOver = () => until(() => waiting.isSettled)
      return { ...under, place, isOver }
    }

    test('ends with a success', async () => {
      const { engine, place, isOver } = await waitForHolder()
      await engine.publish(place, 'a', success, lasting(10_000))
      await isOver()
    })

    test.each([true, false])('ends with a failure, lost or not (%o)', async (lost) => {
      const { engine, place, isOver } = await waitForHolder()
      await engine.fail(place, 'a', failed, { ttl: 5_000, lost, awaited: true })
      await isOver()
    })

    test('ends with the session', async () => {
      const { engine, place, isOver } = await waitForHolder()
      await engine.end(place.session, 10_000)
      await isOver()
    })

    test('for what is over already, or never began, ends at once', async () => {
      const { engine } = await create()
      const place = newPlace()
      await engine.wait(place, 'a', 10_000)
      await engine.claim(place, request('a'))
      await engine.wait(place, 'another', 10_000)
      await engine.publish(place, 'a', success, lasting(10_000))
      await engine.wait(place, 'a', 10_000)
      await engine.claim({ ...place, token: 'other' }, request('a'))
      await engine.end(place.session, 10_000)
      await engine.wait({ ...place, token: 'other' }, 'a', 10_000)
    })
  })

  describe(`${name}: a tombstone`, () => {
    test('silences claims and results of the session, past and late, for its time', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      const other = { ...place, token: 'other' }
      await engine.claim(place, request('a'))
      await engine.publish(place, 'a', success, lasting(20_000))
      await engine.claim(other, request('b'))
      await engine.end(place.session, 15_000)
      expect(await engine.claim(place, request('c'))).toEqual({ kind: 'ended' })
      expect(await engine.publish(other, 'b', success, lasting(10_000))).toEqual({ kind: 'ended' })
      expect(await engine.fail(other, 'b', failed, { ttl: 10_000, lost: true, awaited: true })).toEqual({
        kind: 'ended',
      })
      await elapse(14_000)
      expect(await engine.claim(other, request('c', { again: true }))).toEqual({ kind: 'ended' })
      await elapse(1_000)
      expect(await engine.claim(other, request('c', { again: true }))).toMatchObject({ kind: 'taken' })
    })

    test('of one session leaves others alone, and a second one lasts as long as it says', async () => {
      const { engine, elapse } = await create()
      const place = newPlace()
      await engine.end(place.session, 5_000)
      await engine.end(place.session, 10_000)
      expect(await engine.claim(newPlace(), request('a'))).toMatchObject({ kind: 'taken' })
      await elapse(9_000)
      expect(await engine.claim(place, request('a'))).toEqual({ kind: 'ended' })
    })

    test('planted while nobody knew the session counts as well', async () => {
      const { engine } = await create()
      const place = newPlace()
      await engine.end(place.session, 10_000)
      expect(await engine.claim(place, request('a'))).toEqual({ kind: 'ended' })
    })
  })
}
