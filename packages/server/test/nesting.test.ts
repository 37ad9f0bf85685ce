import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test, vi } from 'vitest'
import { createNesting } from '../src/nesting.ts'

test('code inside a hold knows, however deep and however late', async () => {
  const nesting = createNesting()
  expect(nesting.isInside('a')).toBe(false)
  await nesting.run('a', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    await nesting.run('b', async () => {
      await Promise.resolve()
      expect([nesting.isInside('a'), nesting.isInside('b'), nesting.isInside('c')]).toEqual([true, true, false])
    })
    expect([nesting.isInside('a'), nesting.isInside('b')]).toEqual([true, false])
  })
  expect(nesting.isInside('a')).toBe(false)
})

test('code that runs on after its hold is over stands in none', async () => {
  const nesting = createNesting()
  let later: Promise<boolean> | undefined
  let go = (): void => {}
  await nesting.run('a', async () => {
    later = new Promise<void>((resolve) => (go = resolve)).then(() => nesting.isInside('a'))
  })
  go()
  expect(await later).toBe(false)
})

test('a hold is over when its code throws, too, and the throw is passed on', async () => {
  const nesting = createNesting()
  let later: Promise<boolean> | undefined
  let go = (): void => {}
  const failing = nesting.run('a', async () => {
    later = new Promise<void>((resolve) => (go = resolve)).then(() => nesting.isInside('a'))
    throw new Error('inside')
  })
  await expect(failing).rejects.toThrow('inside')
  go()
  expect(await later).toBe(false)
})

test('others at the same time stand outside', async () => {
  const nesting = createNesting()
  let leave = (): void => {}
  const inside = nesting.run('a', () => new Promise<void>((resolve) => (leave = resolve)))
  expect(nesting.isInside('a')).toBe(false)
  leave()
  await inside
})

test('without AsyncLocalStorage nobody stands inside, and code runs all the same', async () => {
  const nesting = createNesting(null)
  expect(await nesting.run('a', async () => nesting.isInside('a'))).toBe(false)
})

test('a runtime that has it as a global name, or not at all, is understood', async () => {
  vi.stubGlobal('process', {})
  vi.stubGlobal('AsyncLocalStorage', AsyncLocalStorage)
  const byName = createNesting()
  vi.stubGlobal('AsyncLocalStorage', undefined)
  const without = createNesting()
  vi.unstubAllGlobals()
  expect(await byName.run('a', async () => byName.isInside('a'))).toBe(true)
  expect(await without.run('a', async () => without.isInside('a'))).toBe(false)
})
