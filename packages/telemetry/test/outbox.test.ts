import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOutbox, type Sent } from '../src/outbox.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const limits = { flyingBytes: 100, flyingRequests: 3, keptBytes: 200 }
const taken: Sent = { kind: 'taken' }
const later: Sent = { kind: 'later', afterMs: null }
const bodyOf = (bytes: number, mark = 0) => new Uint8Array(bytes).fill(mark)

/** A receiver whose answers a test gives one by one. */
function setUp(isOnline = (): boolean => true) {
  const asked: { mark: number; bytes: number; answer: (sent: Sent) => Promise<void> }[] = []
  const outbox = createOutbox(limits, isOnline)
  const send = (body: Uint8Array) =>
    new Promise<Sent>((resolve) => {
      asked.push({
        mark: body[0] ?? -1,
        bytes: body.length,
        async answer(sent) {
          resolve(sent)
          await vi.advanceTimersByTimeAsync(0)
        },
      })
    })
  return {
    outbox,
    asked,
    marks: () => asked.map(({ mark }) => mark),
    put: (bytes: number, mark = 0) => outbox.put(bodyOf(bytes, mark), send),
  }
}

test('requests fly together up to a number and a sum of bytes, and the others follow in order', async () => {
  const { asked, marks, put } = setUp()
  put(40, 1)
  put(40, 2)
  put(40, 3)
  put(1, 4)
  expect(marks()).toEqual([1, 2])
  await asked[0]?.answer(taken)
  expect(marks()).toEqual([1, 2, 3, 4])
})

test('one that is larger than all that may fly goes alone', async () => {
  const { asked, marks, put } = setUp()
  put(150, 1)
  put(1, 2)
  expect(marks()).toEqual([1])
  await asked[0]?.answer(taken)
  expect(marks()).toEqual([1, 2])
})

test('what could not be delivered is sent again after a pause that grows, oldest first', async () => {
  const { asked, marks, put } = setUp()
  put(10, 1)
  await asked[0]?.answer(later)
  put(10, 2)
  await vi.advanceTimersByTimeAsync(499)
  expect(marks()).toEqual([1])
  await vi.advanceTimersByTimeAsync(501)
  expect(marks()).toEqual([1, 1, 2])
  await asked[1]?.answer(later)
  await asked[2]?.answer(later)
  await vi.advanceTimersByTimeAsync(999)
  expect(marks()).toHaveLength(3)
  await vi.advanceTimersByTimeAsync(1_001)
  expect(marks().slice(3).toSorted()).toEqual([1, 2])
})

test('a receiver that says when to come back is not asked before', async () => {
  const { asked, put } = setUp()
  put(10)
  await asked[0]?.answer({ kind: 'later', afterMs: 60_000 })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked).toHaveLength(2)
})

test('a receiver that says to come back in a year is asked in minutes', async () => {
  const { asked, put } = setUp()
  put(10)
  await asked[0]?.answer({ kind: 'later', afterMs: 365 * 86_400_000 })
  await vi.advanceTimersByTimeAsync(6 * 60_000)
  expect(asked).toHaveLength(2)
})

test('a wake tries at once', async () => {
  const { outbox, asked, put } = setUp()
  put(10)
  await asked[0]?.answer(later)
  outbox.wake()
  expect(asked).toHaveLength(2)
})

test('nothing is tried while offline; a wake afterwards delivers', () => {
  let online = false
  const { outbox, asked, put } = setUp(() => online)
  put(10)
  outbox.wake()
  expect(asked).toEqual([])
  online = true
  outbox.wake()
  expect(asked).toHaveLength(1)
})

test('while the receiver is away the newest are kept, within the limit', async () => {
  const { outbox, asked, marks, put } = setUp()
  put(80, 1)
  await asked[0]?.answer(later)
  for (const mark of [2, 3, 4]) put(80, mark)
  outbox.wake()
  expect(marks()).toEqual([1, 3])
})

test('a refusal is final and holds up nobody', async () => {
  const { asked, marks, put } = setUp()
  put(80, 1)
  put(80, 2)
  await asked[0]?.answer({ kind: 'refused' })
  expect(marks()).toEqual([1, 2])
})

test('drain settles when all is delivered, or when the receiver is away', async () => {
  const { outbox, asked, put } = setUp()
  const settled = vi.fn()
  await outbox.drain()
  put(10)
  void outbox.drain().then(settled)
  await vi.advanceTimersByTimeAsync(0)
  expect(settled).not.toHaveBeenCalled()
  await asked[0]?.answer(later)
  expect(settled).toHaveBeenCalledOnce()
})

test('with the last try all are tried once, also those after one that failed, and drain waits for them', async () => {
  const { outbox, asked, marks, put } = setUp()
  for (const mark of [1, 2, 3]) put(80, mark)
  await asked[0]?.answer(later)
  const settled = vi.fn()
  outbox.tryLast()
  void outbox.drain().then(settled)
  await asked[1]?.answer(later)
  await asked[2]?.answer(taken)
  expect(marks()).toEqual([1, 2, 3])
  expect(settled).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
})

test('after close nothing is taken, tried or waited for', async () => {
  const { outbox, asked, put } = setUp()
  put(10)
  await asked[0]?.answer(later)
  outbox.close()
  put(10)
  expect(vi.getTimerCount()).toBe(0)
  expect(asked).toHaveLength(1)
  await outbox.drain()
})

test('an answer that comes after close brings nothing back', async () => {
  const { outbox, asked, put } = setUp()
  put(10)
  outbox.close()
  await asked[0]?.answer(later)
  expect(vi.getTimerCount()).toBe(0)
  expect(asked).toHaveLength(1)
})

test('whatever the receiver does, the bounds hold and each request is delivered at most once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.constantFrom<Sent['kind']>('taken', 'refused', 'later')), {
        maxLength: 30,
      }),
      async (steps) => {
        const delivered: number[] = []
        const [flying, most] = [new Set<Uint8Array>(), { bytes: 0, requests: 0 }]
        const outbox = createOutbox(limits, () => true)
        const kinds = steps.map(([, kind]) => kind)
        for (const [mark, [bytes]] of steps.entries()) {
          const body = bodyOf(bytes, mark)
          outbox.put(body, async () => {
            flying.add(body)
            const all = [...flying].reduce((sum, one) => sum + one.length, 0)
            most.bytes = Math.max(most.bytes, flying.size > 1 ? all : 0)
            most.requests = Math.max(most.requests, flying.size)
            await new Promise((resolve) => setTimeout(resolve, 10))
            flying.delete(body)
            const kind = kinds.shift() ?? 'taken'
            if (kind === 'taken') delivered.push(mark)
            return kind === 'later' ? later : { kind }
          })
        }
        await vi.runAllTimersAsync()
        expect(most.bytes).toBeLessThanOrEqual(limits.flyingBytes)
        expect(most.requests).toBeLessThanOrEqual(limits.flyingRequests)
        expect(new Set(delivered).size).toBe(delivered.length)
      },
    ),
    { numRuns: 200 },
  )
})

test.each([
  [
    'throws',
    () => {
      throw new Error('canary')
    },
  ],
  ['rejects', () => Promise.reject(new Error('canary'))],
] as const)('a request that %s is dropped, and the others fly on', async (_, fail) => {
  const { outbox, asked, marks, put } = setUp()
  outbox.put(bodyOf(100), fail)
  put(100, 1)
  await vi.advanceTimersByTimeAsync(0)
  expect(marks()).toEqual([1])
  await asked[0]?.answer(taken)
  await outbox.drain()
})
