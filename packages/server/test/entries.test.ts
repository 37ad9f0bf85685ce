import { expect, test } from 'vitest'
import { Entries } from '../src/entries.ts'
import { createManualClock } from './support/clock.ts'

test('an entry is there while somebody holds it, and gone with the last', () => {
  const entries = new Entries()
  const [one, two] = [entries.enter('a'), entries.enter('a')]
  expect(one).toBe(two)
  expect(entries.enter('b')).not.toBe(one)
  expect(entries.size).toBe(2)
  entries.leave(one)
  expect(entries.size).toBe(2)
  entries.leave(two)
  expect(entries.size).toBe(1)
  expect(entries.enter('a')).not.toBe(one)
})

test('who leaves an entry from before a reset does not take a younger one’s place away', () => {
  const entries = new Entries()
  const old = entries.enter('a')
  entries.reset()
  expect(entries.size).toBe(0)
  const young = entries.enter('a')
  expect(young).not.toBe(old)
  entries.leave(old)
  expect(entries.size).toBe(1)
  expect(entries.enter('a')).toBe(young)
})

test('who stays in an entry from before a reset enters no younger one', () => {
  const entries = new Entries()
  const old = entries.enter('a')
  entries.reset()
  entries.stay(old)
  expect(entries.size).toBe(0)
  const young = entries.enter('b')
  entries.stay(young)
  entries.leave(young)
  expect(entries.size).toBe(1)
  entries.leave(young)
  expect(entries.size).toBe(0)
})

test('the token goes from hand to hand in the order of asking', async () => {
  const { clock, advance } = createManualClock()
  const entry = new Entries().enter('a')
  const order: number[] = []
  const first = await entry.take(clock, 1_000)
  const others = [1, 2, 3].map(async (n) => {
    const release = await entry.take(clock, 1_000)
    order.push(n)
    return release
  })
  expect(entry.isTaken).toBe(true)
  first?.()
  ;(await others[0])?.()
  ;(await others[1])?.()
  ;(await others[2])?.()
  expect(order).toEqual([1, 2, 3])
  expect(entry.isTaken).toBe(false)
  advance(10_000)
  expect(await entry.take(clock, 1)).not.toBeNull()
})

test('who has had the token in time takes nobody’s turn away when that time is over', async () => {
  const { clock, advance } = createManualClock()
  const entry = new Entries().enter('a')
  const first = await entry.take(clock, 1_000)
  const second = entry.take(clock, 1_000)
  first?.()
  const release = await second
  const third = entry.take(clock, 5_000)
  advance(1_000)
  release?.()
  expect(await third).not.toBeNull()
})

test('who runs out of time goes without it, and the turn of the others stays theirs', async () => {
  const { clock, advance, timers } = createManualClock()
  const entry = new Entries().enter('a')
  const first = await entry.take(clock, 1_000)
  const hasty = entry.take(clock, 1_000)
  const patient = entry.take(clock, 5_000)
  advance(1_000)
  expect(await hasty).toBeNull()
  first?.()
  expect(await patient).not.toBeNull()
  expect(timers).toBe(0)
})
