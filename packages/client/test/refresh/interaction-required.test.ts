import { oauthFailure } from '@authflight/testing'
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { refreshTokenIds, setUp } from '../support/app.ts'
import { letTokensDie } from '../support/stores.ts'

test('a refresh for which the server wants the user says so, and rests: the session stays, marked stale', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  server.faults.always(oauthFailure('interaction_required'), { grant: 'refresh_token' })
  const auth = createClient({ storage })
  for (let call = 0; call < 3; call += 1) {
    const { data, error } = await auth.getSession()
    expect(error).toMatchObject({ code: 'interaction_required', status: 400 })
    expect(data.session).toMatchObject({ stale: true, user: { name: 'Ada Lovelace' } })
  }
  expect(server.count('refresh_token')).toBe(1)
  expect(auth.getSnapshot()).toMatchObject({ status: 'stale', error: { code: 'interaction_required' } })
})

test('its token is not spent: it is presented again while the access token lives, and good once nobody is wanted', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient({ oauth: { reuse: 'fatal' } })
  const session = await signIn(auth)
  const lift = server.faults.always(oauthFailure('mfa_required'), { grant: 'refresh_token' })
  expect((await auth.refreshSession()).error?.code).toBe('interaction_required')
  expect(await auth.getSession()).toEqual({ data: { session }, error: null })
  lift()
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect(refreshTokenIds(server)).toEqual(['refresh-1', 'refresh-1'])
})
