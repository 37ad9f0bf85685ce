import {
  blocked,
  busy,
  emptyAnswer,
  type Fault,
  htmlAnswer,
  invalidClient,
  loseRequest,
  serverError,
} from '@authflight/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { isAuthRetryableFetchError, memoryStore, type Store } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { lastMessage, setUp as setUpGoTrue } from '../support/gotrue-app.ts'
import { createRealm } from '../support/realm.ts'
import { createFailingStore, keysOf } from '../support/stores.ts'
import { openTab } from '../support/tabs.ts'

const exchange = { grant: 'authorization_code' } as const
const home = 'https://app.example.test/shop'

/** A page that a sign-in has come back to, once for each `load`. `shown`: the addresses that it was given. */
async function comeBack() {
  const { server, createClient } = setUp()
  const storage: Store = memoryStore()
  const shown: string[] = []
  const load = (href: string, redirect: 'auto' | 'manual' = 'auto') => {
    const page = { ...createRealm().page, href, leave() {}, replaceAddress: (to: string) => void shown.push(to) }
    return createClient({ storage, redirect }, (options) => createAuthClientIn(createRealm({ page }), options))
  }
  const { data } = await load(home, 'manual').signIn()
  return { server, storage, load, shown, callback: await server.authorize(data.url ?? '') }
}

describe('a code that was provably not spent', () => {
  test.each<[string, Fault, object, string]>([
    ['the token endpoint is busy', busy({ status: 503 }), exchange, 'server_error'],
    ['the token endpoint wants to be asked later', busy({ status: 429 }), exchange, 'rate_limited'],
    ['the provider cannot be reached', loseRequest(), { endpoint: 'discovery' }, 'provider_unreachable'],
  ])('because %s is good for the same page, reloaded', async (_, fault, where, code) => {
    const { server, load, shown, callback } = await comeBack()
    server.faults.next(fault, where)
    const { error } = await load(callback).handleRedirect()
    expect(error?.code).toBe(code)
    expect(isAuthRetryableFetchError(error)).toBe(true)
    expect(error?.message).toMatch(
      /\. Reload this page, or hand its address to handleRedirect\(\), to finish the sign-in\.$/,
    )
    expect(error?.message).not.toMatch(/session is kept/)
    expect(shown).toEqual([])

    const { data } = await load(callback).handleRedirect()
    expect(data.session?.user?.name).toBe('Ada Lovelace')
    expect(shown).toEqual([home])
    expect(server.liveSessions).toHaveLength(1)
  })

  test.each([
    ['a page of the network that wants its guests to sign in', htmlAnswer()],
    ['a proxy that lets nobody through', blocked()],
    ['nothing, for a while', emptyAnswer({ status: 404 })],
    ['somebody who was too slow', emptyAnswer({ status: 408 })],
  ])('because %s has answered in the place of the provider is good for the same page', async (_, fault) => {
    const { server, load, shown, callback } = await comeBack()
    server.faults.next(fault, { endpoint: 'discovery' })
    expect((await load(callback).handleRedirect()).error?.code).toMatch(/^provider_(invalid|unreachable)$/)
    expect(shown).toEqual([])
    expect((await load(callback).handleRedirect()).data.session?.user?.name).toBe('Ada Lovelace')
    expect(shown).toEqual([home])
  })

  test('is good for the same client, handed the same address, and then for nobody', async () => {
    const { server, storage, load, callback } = await comeBack()
    const auth = load(callback, 'manual')
    server.faults.next(busy({ status: 503 }), exchange)
    expect((await auth.handleRedirect()).error?.code).toBe('server_error')
    expect((await auth.handleRedirect()).data.session?.user?.name).toBe('Ada Lovelace')
    expect((await auth.handleRedirect()).error?.code).toBe('callback_unknown')
    expect(await keysOf(storage, 'attempt')).toEqual([])
  })

  test('of a link in a message is good for the same link', async () => {
    const { server, createClient } = setUpGoTrue()
    const auth = createClient()
    await auth.signIn({ method: 'otp', email: 'canary.ada@example.test' })
    const callback = await server.follow(lastMessage(server).link)
    server.faults.next(busy({ status: 503 }), { endpoint: 'token' })
    expect((await auth.handleRedirect(callback)).error?.code).toBe('server_error')
    expect((await auth.handleRedirect(callback)).error).toBeNull()
    expect(auth.getSnapshot().status).toBe('signed-in')
  })

  test('is good with the key that it is bound to', async () => {
    const { server } = setUp()
    const tab = await openTab(server, { dpop: true })
    const callback = await server.authorize((await tab.signIn()).data.url ?? '')
    server.faults.next(busy({ status: 503 }), exchange)
    expect((await tab.handleRedirect(callback)).error?.code).toBe('server_error')
    // This server gives bearer tokens: the key is there, and the code was taken.
    expect((await tab.handleRedirect(callback)).error?.code).toBe('provider_invalid')
  })
})

describe('a code that may be spent', () => {
  test.each<[string, Fault, string]>([
    ['the token endpoint failed', serverError(), 'server_error'],
    ['no answer came', loseRequest(), 'network'],
    ['nobody but the developer can mend it', invalidClient(), 'invalid_client'],
  ])('because %s is not sent again, and leaves the address', async (_, fault, code) => {
    const { server, storage, load, shown, callback } = await comeBack()
    server.faults.next(fault, exchange)
    expect((await load(callback).handleRedirect()).error?.code).toBe(code)
    expect(shown).toEqual(['https://app.example.test/'])
    expect(await keysOf(storage, 'attempt')).toEqual([])
    expect((await load(callback).handleRedirect()).error?.code).toBe('callback_unknown')
    expect(server.count('authorization_code')).toBe(1)
  })

  test('because the store cannot note that it was not is told as that', async () => {
    const { server, createClient } = setUp()
    const { store, fail } = createFailingStore()
    const auth = createClient({ storage: store })
    const callback = await server.authorize((await auth.signIn()).data.url ?? '')
    const gate = server.hold({ when: 'before', ...exchange })
    server.faults.next(busy({ status: 503 }), exchange)
    const finishing = auth.handleRedirect(callback)
    await gate.arrived
    fail()
    gate.release()
    expect((await finishing).error?.code).toBe('storage_error')
  })
})

/** Two tabs, and a sign-in of the first whose exchange is on its way to a server that is busy. */
async function setUpTabs() {
  const { server } = setUp()
  const [a, b] = [await openTab(server), await openTab(server)]
  const callback = await server.authorize((await a.signIn()).data.url ?? '')
  const gate = server.hold({ when: 'before', ...exchange })
  server.faults.next(busy({ status: 503 }), exchange)
  const finishing = a.handleRedirect(callback)
  await gate.arrived
  onTestFinished(() => gate.release())
  return { server, a, b, callback, gate, finishing }
}

describe('while a code is on its way', () => {
  // tab a   takes the verifier ── busy ── puts it back ──────── finishes
  // tab b          └── finds none                └── after that: would find it
  test('another tab finds no verifier, and takes nothing from the one that finishes later', async () => {
    const { server, a, b, callback, gate, finishing } = await setUpTabs()
    expect((await b.handleRedirect(callback)).error?.code).toBe('callback_unknown')
    gate.release()
    expect((await finishing).error?.code).toBe('server_error')
    expect((await a.handleRedirect(callback)).error).toBeNull()
    expect((await b.handleRedirect(callback)).error?.code).toBe('callback_unknown')
    expect(server.count('authorization_code')).toBe(2)
    expect(server.liveSessions).toHaveLength(1)
  })

  // tab a   takes the verifier ── busy ── puts nothing back
  // either             └── signs out
  test.each(['a', 'b'] as const)('a sign-out in tab %s ends it: what was not spent stays unspent', async (who) => {
    const { server, callback, gate, finishing, ...tabs } = await setUpTabs()
    await tabs[who].signOut()
    gate.release()
    expect((await finishing).error?.code).toBe('attempt_superseded')
    expect((await tabs.a.handleRedirect(callback)).error?.code).toBe('callback_unknown')
    expect(server.count('authorization_code')).toBe(1)
  })

  // tab a   takes the verifier ── busy ── puts it back
  // tab b                                     └── signs out
  test('a sign-out after it was put back ends it as well', async () => {
    const { a, b, callback, gate, finishing } = await setUpTabs()
    gate.release()
    await finishing
    await b.signOut()
    expect((await a.handleRedirect(callback)).error?.code).toBe('callback_unknown')
  })

  // tab a   takes the verifier ── gone
  // tab b                           └── finds none
  test('a tab that goes takes the verifier with it: nobody knows what became of the code', async () => {
    const { server, a, b, callback } = await setUpTabs()
    a.dispose()
    expect((await b.handleRedirect(callback)).error?.code).toBe('callback_unknown')
    expect(server.count('authorization_code')).toBe(1)
  })
})

test('two who wait for the same exchange are told the same, and one of them finishes for both', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const [one, two] = [createClient({ storage }), createClient({ storage })]
  const callback = await server.authorize((await one.signIn()).data.url ?? '')
  const both = async () => Promise.all([one.handleRedirect(callback), two.handleRedirect(callback)])
  server.faults.next(busy({ status: 503 }), exchange)
  expect((await both()).map(({ error }) => error?.code)).toEqual(['server_error', 'server_error'])
  expect((await both()).map(({ error }) => error)).toEqual([null, null])
  expect(server.count('authorization_code')).toBe(2)
})
