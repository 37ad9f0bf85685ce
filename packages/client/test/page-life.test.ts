import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../src/client.ts'
import { isAuthRetryableFetchError, memoryStore } from '../src/index.ts'
import type { Page, PageSignal } from '../src/page.ts'
import { systemRealm } from '../src/system-realm.ts'
import { apiOrigin, setUp } from './support/app.ts'
import { createRealm, createSilentRealm } from './support/realm.ts'

const hour = 3_600_000

type Options = NonNullable<Parameters<ReturnType<typeof setUp>['createClient']>[0]>

/** A client whose page tells what the test says; it has a token for an hour. */
async function openPage(options: Options = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const signals = new Set<(signal: PageSignal) => void>()
  const watch: Page['watch'] = (heard) => {
    signals.add(heard)
    return () => void signals.delete(heard)
  }
  const page = { ...systemRealm.page, isHidden: false, isOffline: false, watch }
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage, ...options }, (checked) => createAuthClientIn(createRealm({ page }), checked))
  await signIn(auth)
  return {
    server,
    auth,
    page,
    tell: (signal: PageSignal) => signals.forEach((heard) => heard(signal)),
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
