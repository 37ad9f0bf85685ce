import type { AuthServer } from '@authflight/testing'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { indexedDbStore, keyValueStore, memoryStore, type User } from '../src/index.ts'
import { oauth } from '../src/providers/oauth.ts'
import type { Provider } from '../src/providers/provider.ts'
import { setUp } from './support/app.ts'
import { createAsyncStorage } from './support/fake-storages.ts'
import { keysOf } from './support/stores.ts'

const self: Record<string, unknown> = {}
self.self = self

const odd: readonly (readonly [string, unknown])[] = [
  ['bytes', new Uint8Array([1])],
  ['a function', () => {}],
  ['a symbol', Symbol('canary')],
  ['what holds itself', self],
]

/** Tokens of a user, who is told with these claims. */
async function tokensWith(server: AuthServer, claims: Record<string, unknown>) {
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user: 'ada' })
  return { accessToken, refreshToken, expiresAt: Date.now() + 60_000, user: { id: 'canary_sub_ada', claims } }
}

test.each([
  ['memory', () => memoryStore(), 9007199254740993n],
  ['IndexedDB', () => indexedDbStore(new IDBFactory()), 9007199254740993n],
  ['a storage of texts, as a text', () => keyValueStore(createAsyncStorage()), '9007199254740993'],
])('a session of a user with big integers is refreshed as any other: %s', async (_, createStore, points) => {
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
  onTestFinished(() => void vi.unstubAllGlobals())
  const { server, createClient } = setUp()
  const auth = createClient({ storage: createStore() })
  await auth.setSession(await tokensWith(server, { points: 9007199254740993n }))
  const { data, error } = await auth.refreshSession()
  expect(error).toBeNull()
  expect(data.session).toMatchObject({ revision: 2, user: { claims: { points } } })
})

test('a user whom an app hands over stays the app’s', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const since = new Date(0)
  const tokens = await tokensWith(server, { roles: [{ name: 'admin' }], since, none: null })
  const { data } = await auth.setSession(tokens)
  expect(data.session?.user?.claims).toEqual({ roles: [{ name: 'admin' }], since: since.toJSON(), none: null })
  tokens.user.claims.roles = []
  expect((await auth.getSession()).data.session?.user?.claims.roles).toEqual([{ name: 'admin' }])
  expect(Object.isFrozen(tokens.user)).toBe(false)
})

/** An access token that tells its own times. */
const jwt = (claims: string): string => `x.${btoa(claims)}.x`

test.each(['{"iat":1,"exp":1e307}', '{"iat":1,"exp":1e13}'])(
  'a token that says %s of itself has an end that a date can hold',
  async (claims) => {
    const { data } = await setUp()
      .createClient()
      .setSession({ accessToken: jwt(claims), user: { id: 'canary_sub_ada', claims: {} } })
    expect(new Date(data.session?.expiresAt ?? NaN).getFullYear()).toBeLessThan(2200)
  },
)

test.each([Number.NaN, Infinity, '2030-01-01'])('an end of %s is refused by name', async (expiresAt) => {
  const auth = setUp().createClient()
  const { error } = await auth.setSession({ accessToken: 'a', expiresAt: expiresAt as number })
  expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('`expiresAt`') })
})

test.each(odd)('a user with %s is refused by name, and nothing is stored', async (_, avatar) => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const { data, error } = await createClient({ storage }).setSession(await tokensWith(server, { avatar }))
  expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining('`user`') })
  expect(data.session).toBeNull()
  expect(await keysOf(storage, 'slot')).toEqual([])
})

test.each(odd)('a user with %s counts as not told after a rotation', async (_, avatar) => {
  const { server, createClient, signIn } = setUp()
  const plain = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  const refresh: Provider['refresh'] = async (...of) => {
    const answer = await plain.refresh(...of)
    const user: User = { id: 'canary_sub_ada', claims: { avatar } }
    return answer.kind === 'tokens' ? { ...answer, tokens: { ...answer.tokens, user } } : answer
  }
  const auth = createClient({ provider: { ...plain, refresh, tellsWholeUsers: true } })
  const { user } = await signIn(auth)
  const { data, error } = await auth.refreshSession()
  expect([error, data.session?.revision]).toEqual([null, 2])
  expect(data.session?.user).toEqual(user)
})
