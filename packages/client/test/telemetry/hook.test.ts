import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RecordSource } from '../../src/index.ts'

const key = Symbol.for('authflight.recorder')
const forget = () => Reflect.deleteProperty(globalThis, key)
beforeEach(() => void forget())
afterEach(() => void forget())

/** A copy of the package as another bundle of the same page has it. */
async function importCopy() {
  vi.resetModules()
  return import('../../src/index.ts')
}
const createSource = (tab: string): RecordSource => ({ tab, snapshot: () => [], subscribe: () => () => {} })

describe('readers and rings meet, whoever comes first', () => {
  test('an early reader is told of each ring that comes', async () => {
    const { recorderHook } = await importCopy()
    const reader = vi.fn()
    recorderHook().subscribe(reader)
    const [one, two] = [createSource('one'), createSource('two')]
    recorderHook().register(one)
    recorderHook().register(two)
    expect(reader.mock.calls).toEqual([[one], [two]])
  })

  test('a late reader is told of the rings that are there, not of those withdrawn', async () => {
    const { recorderHook } = await importCopy()
    const [one, two] = [createSource('one'), createSource('two')]
    recorderHook().register(one)()
    recorderHook().register(two)
    const reader = vi.fn()
    recorderHook().subscribe(reader)
    expect(reader.mock.calls).toEqual([[two]])
  })

  test('a reader that has left is told nothing', async () => {
    const { recorderHook } = await importCopy()
    const reader = vi.fn()
    recorderHook().subscribe(reader)()
    recorderHook().register(createSource('one'))
    expect(reader).not.toHaveBeenCalled()
  })

  test('a reader that throws, early or late, harms neither the ring nor another reader', async () => {
    const { recorderHook } = await importCopy()
    const fail = () => {
      throw new Error('a panel')
    }
    const reader = vi.fn()
    recorderHook().subscribe(fail)
    recorderHook().subscribe(reader)
    recorderHook().register(createSource('one'))
    recorderHook().subscribe(fail)
    expect(reader).toHaveBeenCalledOnce()
  })

  test('two copies of the package share the meeting point', async () => {
    const one = await importCopy()
    const two = await importCopy()
    expect(one.recorderHook).not.toBe(two.recorderHook)
    expect(one.recorderHook()).toBe(two.recorderHook())
  })
})

describe('a client and the hook', () => {
  const createClient = async () => {
    const { createAuthClient, memoryStore } = await importCopy()
    const { oauth } = await import('../../src/providers/oauth.ts')
    return createAuthClient({
      provider: oauth({ issuer: 'https://id.example.test', clientId: 'spa' }),
      storage: memoryStore(),
    })
  }

  test('importing the package makes nothing, a client makes the hook, and what it gives are records only', async () => {
    const { recorderHook } = await importCopy()
    expect(key in globalThis).toBe(false)
    const auth = await createClient()
    expect(key in globalThis).toBe(true)
    const sources: RecordSource[] = []
    recorderHook().subscribe((source) => sources.push(source))
    expect(sources.map((source) => Object.keys(source).toSorted())).toEqual([['snapshot', 'subscribe', 'tab']])
    expect(Object.keys(recorderHook()).toSorted()).toEqual(['register', 'subscribe', 'v'])
    expect(Object.isFrozen(recorderHook())).toBe(true)
    auth.dispose()
  })

  test.each([
    ['whose register throws', { v: 1, register: () => JSON.parse('{') as () => void }],
    ['that is a shell', { v: 1 }],
    ['of another version', { v: 9 }],
    ['that is no hook at all', 'forged'],
  ])('a hook %s does not stop a client', async (_, forged) => {
    Object.defineProperty(globalThis, key, { value: forged, configurable: true })
    const auth = await createClient()
    expect((await auth.getSession()).error).toBeNull()
    auth.dispose()
  })

  test('a realm that lets nobody add to it does not stop a client', async () => {
    Object.defineProperty(globalThis, key, { value: { v: 9 }, configurable: false })
    const define = vi.spyOn(Object, 'defineProperty')
    const auth = await createClient().finally(() => define.mockRestore())
    expect((await auth.getSession()).error).toBeNull()
    auth.dispose()
  })
})
