import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Cost } from '../../src/model/cost.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

function spend(cost: Cost, ms: number): void {
  const end = cost.measure()
  vi.advanceTimersByTime(ms)
  end()
}

it('may be done at once before it was measured', () => {
  const cost = new Cost()
  expect(cost.left()).toBeLessThanOrEqual(0)
  expect([cost.pause(0), cost.pause(250)]).toEqual([0, 250])
})

it('rests for so many times of what it took, at least for as long as asked', () => {
  const cost = new Cost(3)
  spend(cost, 10)
  expect([cost.pause(0), cost.pause(250)]).toEqual([30, 250])
})

it('has less of its pause left as time goes by, and none after it', () => {
  const cost = new Cost(3)
  spend(cost, 10)
  expect([cost.left(), cost.left(250)]).toEqual([30, 250])
  vi.advanceTimersByTime(20)
  expect([cost.left(), cost.left(250)]).toEqual([10, 230])
  vi.advanceTimersByTime(10)
  expect(cost.left()).toBe(0)
})

it('goes by the last time alone', () => {
  const cost = new Cost(3)
  spend(cost, 100)
  spend(cost, 5)
  expect(cost.left()).toBe(15)
})

it('rests for five seconds at most, whatever was measured', () => {
  const cost = new Cost()
  spend(cost, 3_600_000)
  expect([cost.left(), cost.pause(0)]).toEqual([5_000, 5_000])
})
