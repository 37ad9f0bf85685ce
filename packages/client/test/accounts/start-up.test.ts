import { expect, test } from 'vitest'
import { startUp } from '../../src/accounts/start-up.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createDeferred } from '../support/deferred.ts'

test('a store that fails is quoted until it has answered: who goes later has another reason', async () => {
  const [resting, rested] = [createDeferred(), createDeferred()]
  const after = (_ms: number, task: () => void) => {
    resting.resolve()
    void rested.promise.then(task)
    return () => {}
  }
  const answers = [Promise.reject(new Error('full')), Promise.resolve('told')]
  const starting = startUp({ random: () => 0.5, clock: { ...systemRealm.clock, after } }, async () => answers.shift())

  await resting.promise
  expect(starting.why('timeout').code).toBe('storage_error')
  rested.resolve()
  expect(await starting.done).toBe('told')
  expect(starting.why('timeout').code).toBe('timeout')
})
