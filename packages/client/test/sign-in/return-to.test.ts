import { oauthFailure } from '@authflight/testing'
import { expect, test } from 'vitest'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { memoryStore, type Store } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { createRealm } from '../support/realm.ts'
import { keysOf } from '../support/stores.ts'

const home = 'https://app.example.test/shop?page=2#top'

/** An app whose clients live in a page at `href`, which notes where it was sent and what address it was given. */
function openPage() {
  const { server, createClient } = setUp()
  const left: string[] = []
  const shown: string[] = []
  const storage: Store = memoryStore()
  function load(href: string, redirect: 'auto' | 'manual' = 'manual') {
    const page = {
      ...createRealm().page,
      href,
      leave: (to: string) => void left.push(to),
      replaceAddress: (to: string) => void shown.push(to),
    }
    return createClient({ storage, redirect }, (options) => createAuthClientIn(createRealm({ page }), options))
  }
  return { server, storage, load, left, shown }
}

test.each([
  'https://evil.example',
  '//evil.example',
  '\\\\evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  'data:text/html,hello',
  'https://app.example.test@evil.example',
  'https://app.example.test.evil.example',
  'https://evil:evil@app.example.test/orders',
  'blob:https://app.example.test/evil',
  'http://app.example.test/',
  'https://app.example.test:8443/',
  'https://',
])('a sign-in that is to end at %s is refused: nothing is sent or stored, and nobody leaves', async (returnTo) => {
  const { server, storage, load, left } = openPage()
  const { data, error } = await load(home).signIn({ returnTo })
  expect(error?.code).toBe('invalid_option')
  expect(error?.message).not.toContain('evil')
  expect(data).toEqual({ url: null, session: null })
  expect([server.log, left, await keysOf(storage, 'attempt')]).toEqual([[], [], []])
})

test.each([
  ['/orders?id=1#last', 'https://app.example.test/orders?id=1#last'],
  ['?page=3', 'https://app.example.test/shop?page=3'],
  ['https://app.example.test/orders', 'https://app.example.test/orders'],
  ['', home],
  [undefined, home],
])('a sign-in that is to end at %s ends there, with nothing of the callback in the address', async (returnTo, end) => {
  const { server, load, left, shown } = openPage()
  const { error } = await load(home).signIn({ ...(returnTo !== undefined && { returnTo }) })
  expect(error).toBeNull()
  const callback = new URL(await server.authorize(left[0] ?? ''))
  callback.searchParams.set('session_state', 'canary')
  const { data } = await load(callback.href, 'auto').handleRedirect()
  expect(data.session?.user?.name).toBe('Ada Lovelace')
  expect(shown).toEqual([end])
})

test('a sign-in that begins at an address with a callback in it does not come back to that', async () => {
  const { server, load, left, shown } = openPage()
  await load('https://app.example.test/?code=canary&state=canary&iss=canary&page=2').signIn()
  await load(await server.authorize(left[0] ?? ''), 'auto').handleRedirect()
  expect(shown).toEqual(['https://app.example.test/?page=2'])
})

test.each([
  ['/orders?state=shipped&page=2#/deep?x=1', null],
  ['/orders?code=SKU1&page=2', null],
  ['/orders?error=none&error_uri=canary', null],
  ['/orders?iss=2026&session_state=open', null],
  ['/orders?code=canary&state=canary&session_state=canary&page=2#/deep?x=1', '/orders?page=2#/deep?x=1'],
  ['/orders?code=canary&iss=canary', '/orders'],
  ['/orders?error=access_denied&state=canary', '/orders'],
  ['/orders?error=server_error&error_description=canary', '/orders'],
  ['/orders?error_code=otp_expired&state=canary', '/orders'],
  ['/orders?page=2#error=access_denied&error_description=canary', '/orders?page=2'],
  ['/orders?page=2#access_token=canary&refresh_token=canary', '/orders?page=2'],
])('a sign-in that begins at %s comes back to all that is no callback', async (from, end) => {
  const { server, load, left, shown } = openPage()
  const origin = 'https://app.example.test'
  await load(origin + from).signIn()
  await load(await server.authorize(left[0] ?? ''), 'auto').handleRedirect()
  expect(shown).toEqual([origin + (end ?? from)])
})

test.each(['query', 'hash'])('an error in the %s leaves the address, and what is the app’s stays', async (place) => {
  const { server, load, left, shown } = openPage()
  await load(home).signIn()
  const callback = new URL(await server.authorize(left[0] ?? '', { deny: 'access_denied' }))
  callback.searchParams.set('tab', 'open')
  const words = 'error_description=canary&error_uri=https%3A%2F%2Fid.example.test%2Fcanary&session_state=canary'
  if (place === 'hash') callback.hash = words
  else for (const [name, value] of new URLSearchParams(words)) callback.searchParams.set(name, value)
  const { error } = await load(callback.href, 'auto').handleRedirect()
  expect(error?.code).toBe('access_denied')
  expect(shown).toEqual(['https://app.example.test/?tab=open'])
})

test('an error leaves the address as well where a router has put a hash behind it meanwhile', async () => {
  const { server, load, left, shown } = openPage()
  await load(home).signIn()
  const callback = await server.authorize(left[0] ?? '', { deny: 'access_denied' })
  const { error } = await load(`${callback}#/`).handleRedirect(callback)
  expect(error?.code).toBe('access_denied')
  expect(shown).toEqual(['https://app.example.test/#/'])
})

test('a callback that was used, in a reloaded page, leaves the address as well', async () => {
  const { server, load, left, shown } = openPage()
  await load(home).signIn()
  const callback = await server.authorize(left[0] ?? '')
  await load(callback, 'auto').handleRedirect()
  expect((await load(callback, 'auto').handleRedirect()).error?.code).toBe('callback_unknown')
  expect(shown).toEqual([home, 'https://app.example.test/'])
})

test('a callback that is handed over, and fails, leaves the page that it is handed to where it is', async () => {
  const { server, load, left, shown } = openPage()
  const auth = load('https://app.example.test/dashboard?tab=2')
  await auth.signIn()
  const callback = await server.authorize(left[0] ?? '', { deny: 'access_denied' })
  expect((await auth.handleRedirect(callback)).error?.code).toBe('access_denied')
  expect(shown).toEqual([])
})

test.each([
  ['succeeds', null],
  ['fails', oauthFailure('invalid_grant')],
])('a client that is disposed of moves no page when its sign-in %s', async (_, fault) => {
  const { server, storage, load, left, shown } = openPage()
  await load(home).signIn()
  const gate = server.hold({ when: 'after', grant: 'authorization_code' })
  if (fault) server.faults.next(fault, { grant: 'authorization_code' })
  const auth = load(await server.authorize(left[0] ?? ''), 'auto')
  await gate.arrived
  auth.dispose()
  gate.release()
  await expect.poll(() => keysOf(storage, 'attempt')).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  expect(shown).toEqual([])
})

test('a client that is disposed of does not leave the page to sign out', async () => {
  const { server, storage, load, left } = openPage()
  const auth = load(home)
  await auth.signIn()
  await auth.handleRedirect(await server.authorize(left[0] ?? ''))
  const signingOut = auth.signOut({ redirect: home })
  auth.dispose()
  await signingOut
  expect(await keysOf(storage, 'slot')).toEqual([])
  expect(left).toHaveLength(1)
})

test('an address with another’s code and state is left as it is', async () => {
  const { load, shown } = openPage()
  const { error } = await load('https://app.example.test/?code=other&state=other', 'auto').handleRedirect()
  expect([error, shown]).toEqual([null, []])
})
