import { expect, test } from 'vitest'
import { createSignOfLife } from '../../src/claim/sign-of-life.ts'

const { locks } = navigator

test('who holds on is not gone, who let go is', async () => {
  const life = createSignOfLife(locks)
  const release = await life.hold('a')

  expect(await life.isGone('a')).toBe(false)
  release?.()
  await expect.poll(() => life.isGone('a')).toBe(true)
})

test('looking holds nobody up: two may look at once, and the next may hold', async () => {
  const life = createSignOfLife(locks)
  await Promise.all([life.isGone('b'), life.isGone('b')])
  const release = await life.hold('b')
  expect(release).not.toBeNull()
  release?.()
})

test('without locks nobody is held and nobody is found gone', async () => {
  const life = createSignOfLife(undefined)
  expect(await life.hold('c')).toBeNull()
  expect(await life.isGone('c')).toBe(false)
})

test.each<[string, () => unknown]>([
  ['are refused', () => Promise.reject(new DOMException('no', 'SecurityError'))],
  [
    'throw',
    () => {
      throw new Error('no')
    },
  ],
  ['give nothing', () => undefined],
])('locks that %s are none', async (_, request) => {
  const life = createSignOfLife({ request } as unknown as LockManager)
  expect(await life.hold('d')).toBeNull()
  expect(await life.isGone('d')).toBe(false)
})
