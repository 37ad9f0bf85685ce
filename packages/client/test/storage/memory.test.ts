import { describeStore } from '@authflight/testing/conformance'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/index.ts'

describe('memoryStore', () => {
  describeStore(test, { create: memoryStore })
})

test('two memory stores share nothing', async () => {
  const one = memoryStore()
  await one.transact({ keys: ['a'] }, (view) => view.put('a', {}))
  expect(await memoryStore().transact({ keys: ['a'] }, (view) => view.get('a'))).toBeUndefined()
})

test('says that it excludes its own realm only', () => {
  expect(memoryStore()).toMatchObject({ type: 'memory', atomic: 'realm', persistent: false, notifies: true })
})
