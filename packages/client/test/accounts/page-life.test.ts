import { loseRequest, withExpiresIn } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../../src/client.ts'
import { isAuthRetryableFetchError, memoryStore } from '../../src/index.ts'
import { apiOrigin, setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { createPage, createRealm, createSilentRealm } from '../support/realm.ts'

const hour = 3_600_000

type Options = NonNullable<Parameters<ReturnType<typeof setUp>['createClient']>[0]>

/** A client whose page tells what the test says; it has a token for an hour. */
async function openPage(options: Options = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { page, tell } = createPage()
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage, ...options }, (checked) => createAuthClientIn(createRealm({ page }), checked))
  server.faults.always(withExpiresIn(hour / 1_000))
  await signIn(auth)
  return {
    server,
    auth,
    page,
    tell,
    refreshes: () => server.count('refresh_token'),
    /** Another client of the same store that this one does not hear. */
    elsewhere: () => createClient({ storage }, (checked) => createAuthClientIn(createSilentRealm(), checked)),
  }
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe.each([
  ['pagehide', 'restored'],
  ['frozen', 'resumed'],
] as const)('between %s and %s', (leave, comeBack) => {
  test('no refresh is begun: who asks is told so at once, and the session is kept', async () => {
    const { auth, tell, refreshes } = await openPage()
    tell(leave)
    const forced = await auth.refreshSession()
    expect(forced).toMatchObject({ data: { session: { revision: 1 } }, error: { code: 'network' } })
    await pass(hour)
    const { data, error } = await auth.getSession()
    expect(data.session).toMatchObject({ revision: 1, stale: true })
    expect(error?.code).toBe('network')
    expect(isAuthRetryableFetchError(error)).toBe(true)
    expect(refreshes()).toBe(0)

    tell(comeBack)
    expect((await auth.getSession()).data.session?.revision).toBe(2)
  })

  test('one that is under way is joined', async () => {
    const { auth, server, tell, refreshes } = await openPage()
    await pass(hour)
    const gate = server.hold({ grant: 'refresh_token' })
    const first = auth.getSession()
    await gate.arrived
    tell(leave)
    const second = auth.getSession()
    gate.release()
    expect((await second).data.session?.revision).toBe(2)
    expect((await first).data.session?.revision).toBe(2)
    expect(refreshes()).toBe(1)
  })

  test('the timer waits until the page is back', async () => {
    const { tell, refreshes } = await openPage({ autoRefresh: 'always' })
    tell(leave)
    tell('hidden')
    expect(vi.getTimerCount()).toBe(0)
    await pass(hour)
    expect(refreshes()).toBe(0)
    tell(comeBack)
    await pass(1_000)
    await expect.poll(refreshes, { interval: 0 }).toBe(1)
  })

  test('a request with a token that lives goes', async () => {
    const { auth, server, tell } = await openPage({ fetchOrigins: [apiOrigin] })
    const sent = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('ok'))
    onTestFinished(() => sent.mockRestore())
    tell(leave)
    expect((await auth.fetch(`${apiOrigin}/flush`, { method: 'POST', body: 'log', keepalive: true })).ok).toBe(true)
    expect(server.count('refresh_token')).toBe(0)
  })
})

describe('the timer', () => {
  test('sees by itself that the wall clock was moved, such as by a sleep, and renews what has died meanwhile', async () => {
    const { auth, refreshes } = await openPage({ autoRefresh: 'always' })
    vi.setSystemTime(Date.now() + 2 * hour)
    await pass(31_000)
    await expect.poll(refreshes, { interval: 0 }).toBe(1)
    await expect.poll(auth.getSnapshot, { interval: 0 }).toMatchObject({ session: { revision: 2 } })
    await pass(hour / 2)
    expect(refreshes()).toBe(1)
  })

  test('is armed once for all of its life, however often it looks at the clocks', async () => {
    const { named, clear } = recordAll()
    await openPage({ autoRefresh: 'always' })
    clear()
    await pass(hour / 2)
    expect(named('authflight.record.timer_armed')).toEqual([])
    expect(vi.getTimerCount()).toBe(1)
  })

  test('rests while nobody looks at the page, unless told otherwise', async () => {
    const { page, tell, refreshes } = await openPage({ autoRefresh: 'visible' })
    page.isHidden = true
    tell('hidden')
    await pass(hour)
    expect(refreshes()).toBe(0)
    page.isHidden = false
    tell('visible')
    await pass(1_000)
    await expect.poll(refreshes, { interval: 0 }).toBe(1)
  })
})

test('a back-off ends when the network is back', async () => {
  const { auth, server, tell } = await openPage()
  await pass(hour)
  server.faults.next(loseRequest(), { grant: 'refresh_token' })
  expect((await auth.getSession()).error?.code).toBe('network')
  expect((await auth.getSession()).error?.code).toBe('network')
  tell('online')
  expect((await auth.getSession()).data.session?.revision).toBe(2)
})

test.each(['visible', 'focus'] as const)('told %s, it looks who is here: a notice may be lost', async (signal) => {
  const { auth, elsewhere, tell } = await openPage()
  const other = elsewhere()
  await other.getSession()
  await other.signOut()
  expect(auth.getSnapshot().status).toBe('signed-in')
  tell(signal)
  await expect.poll(auth.getSnapshot, { interval: 0 }).toEqual({ status: 'signed-out', reason: 'other_tab' })
})
