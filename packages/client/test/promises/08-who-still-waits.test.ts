import { expect, onTestFinished, test, vi } from 'vitest'
import type { LockFunction } from '../../src/locks.ts'
import { setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { createInPageClient, createInPageProvider } from '../support/in-page-provider.ts'
import { createGatedStore, editSlots } from '../support/stores.ts'

/** Ada is signed in; `held` keeps what is asked next from being answered. */
async function setUpHeld() {
  const { server } = setUp()
  const { store, hold } = createGatedStore()
  let answered: Promise<unknown> = Promise.resolve()
  const provider = createInPageProvider(server, () => answered)
  const auth = createInPageClient(server, { storage: store, provider })
  await auth.signIn({ user: 'ada' })
  const { account = '' } = (await auth.getSession()).data.session ?? {}
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user: 'grace' })
  const wait = createDeferred()
  answered = wait.promise
  const reply = createDeferred()
  const gate = hold()
  return {
    auth,
    account,
    tokens: { accessToken, refreshToken },
    reply: reply.promise,
    go() {
      gate.release()
      wait.resolve()
      reply.resolve()
    },
  }
}

type Held = Awaited<ReturnType<typeof setUpHeld>>

test.each<[string, (held: Held) => Promise<{ error: { code: string } | null }>]>([
  ['setSession', ({ auth, tokens }) => auth.setSession(tokens)],
  ['a setSession that fails', ({ auth }) => auth.setSession({ accessToken: 'canary', refreshToken: 'canary' })],
  ['signIn', ({ auth }) => auth.signIn({ user: 'grace' })],
  ['switchTo', ({ auth, account }) => auth.switchTo(account)],
  ['a switchTo that fails', ({ auth }) => auth.switchTo('nobody')],
  ['handleRedirect', ({ auth }) => auth.handleRedirect('https://app.example.test/?code=c&state=s')],
  ['updateUser', ({ auth, reply }) => auth.updateUser({ name: 'Countess' }, reply)],
  ['getUser', ({ auth }) => auth.getUser()],
  ['getUser of an account', ({ auth, account }) => auth.account(account).getUser()],
  ['refreshSession', ({ auth }) => auth.refreshSession()],
  ['accounts', ({ auth }) => auth.accounts()],
  ['exportSession', ({ auth }) => auth.exportSession()],
  ['exportSession of an account', ({ auth }) => auth.account('another').exportSession()],
])('who waits for %s when the client is disposed hears so at once, never that nobody is signed in', async (_, call) => {
  const held = await setUpHeld()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const answer = call(held)
  held.auth.dispose()
  expect((await answer).error?.code).toBe('client_disposed')
  held.go()
})

// store    holds r3 ───────────────────────────────────────────────
// client   holds r2, dead: ends it? ─ not this one ─ looks again ─┐
// dispose                                             └───────────┴ says so
test('who waits while a dead session is looked at again hears that the client is disposed', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  await signIn(createClient({ storage: store }))
  await editSlots(inner, (slot) => ({ ...slot, tokens: { ...slot.tokens, refresh: null, expiresAt: Date.now() - 1 } }))
  const auth = createClient({ storage: store })
  await expect.poll(() => auth.getSnapshot().status).not.toBe('restoring')
  await editSlots(inner, (slot) => ({ ...slot, revision: slot.revision + 1 }))
  const gate = hold(({ keys, prefixes }) => !prefixes && keys.some((key) => key.startsWith('tombstone:')), 'after')
  const asking = auth.getSession()
  await gate.arrived
  auth.dispose()
  gate.release()
  expect((await asking).error?.code).toBe('client_disposed')
})

// What came of a sign-out is told also after that: found-by-exploring.test.ts.
test.each<[string, (held: Held) => Promise<{ error: { code: string } | null }>]>([
  ['signOut', ({ auth }) => auth.signOut()],
  ['signOut of an account', ({ auth, account }) => auth.account(account).signOut()],
])('who waits for %s of a store that does not answer hears so when its patience is over', async (_, call) => {
  const held = await setUpHeld()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const answer = call(held)
  held.auth.dispose()
  await vi.advanceTimersByTimeAsync(10_000)
  expect((await answer).error?.code).toBe('client_disposed')
  held.go()
})

// refreshSession   waits for the lock, which somebody else holds
// getAccessToken     stands in line behind it
// dispose                └── both hear so, and no timer is left
test.each([-1, 10_000])(
  'who waits for a lock of the app’s hears of it as well, with a timeout of %d',
  async (timeout) => {
    const { server } = setUp()
    let lock: LockFunction = (_, __, work) => work()
    const auth = createInPageClient(server, { lock: (...of) => lock(...of), lockAcquireTimeout: timeout })
    await auth.signIn({ user: 'ada' })
    const held = createDeferred()
    const late = vi.fn<(given: unknown) => void>()
    lock = async (_, __, work) => {
      await held.promise
      const given = work()
      late(await given)
      return given
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const first = auth.refreshSession()
    const behind = auth.getAccessToken()
    expect(vi.getTimerCount()).toBe(2)
    await new Promise((resolve) => setImmediate(resolve))
    auth.dispose()
    expect(await first).toMatchObject({ data: { session: null }, error: { code: 'client_disposed' } })
    await expect(behind).rejects.toMatchObject({ code: 'client_disposed' })
    expect(vi.getTimerCount()).toBe(0)
    held.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(late.mock.calls).toEqual([[expect.objectContaining({ code: 'client_disposed' })]])
    expect(server.count('refresh_token')).toBe(0)
  },
)

test('who has had the lock, and is not let go by it, has its answer when the client is disposed', async () => {
  const { server } = setUp()
  let lock: LockFunction = (_, __, work) => work()
  const auth = createInPageClient(server, { lock: (...of) => lock(...of), lockAcquireTimeout: -1 })
  await auth.signIn({ user: 'ada' })
  const done = createDeferred()
  lock = async (_, __, work) => {
    await work()
    done.resolve()
    return new Promise(() => {})
  }
  const leaving = auth.signOut()
  await done.promise
  auth.dispose()
  expect((await leaving).error).toBeNull()
})

test('a client that is disposed while it looks at the store leaves no timer behind', async () => {
  const { server } = setUp()
  const auth = createInPageClient(server)
  await auth.getSession()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const channel = new BroadcastChannel('authflight:default')
  onTestFinished(() => channel.close())
  channel.postMessage({ v: 1, kind: 'changed' })
  while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve))
  auth.dispose()
  expect(vi.getTimerCount()).toBe(0)
})

test('an account of a disposed client starts no timer', async () => {
  const { server } = setUp()
  const auth = createInPageClient(server)
  await auth.signIn({ user: 'ada' })
  const account = auth.account((await auth.getSession()).data.session?.account ?? '')
  auth.dispose()
  await new Promise((resolve) => setImmediate(resolve))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  account.startAutoRefresh()
  account.getSnapshot()
  account.subscribe(() => {})()
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('a client that throws its errors is disposed with its block as any other', async () => {
  const { server } = setUp()
  const create = () => createInPageClient(server, { throwOnError: true as never })
  const left = create()
  left[Symbol.dispose]()
  await expect(left.getSession()).rejects.toMatchObject({ code: 'client_disposed' })
  const leftLater = create()
  await leftLater[Symbol.asyncDispose]()
  await expect(leftLater.getSession()).rejects.toMatchObject({ code: 'client_disposed' })
})
