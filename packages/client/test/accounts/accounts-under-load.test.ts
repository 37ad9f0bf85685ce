import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClient, memoryStore, type Provider, type Store, type TokenSet } from '../../src/index.ts'
import { SingleFlight } from '../../src/refresh/single-flight.ts'
import { createDeferred } from '../support/deferred.ts'
import { namespaceOf, slotKey } from '../../src/slot/slot.ts'
import { letTokensDie, slotsOf } from '../support/stores.ts'

/** A provider without a server, which gives each refresh token its successor, when the test lets it. */
function createCountingProvider(release: () => Promise<void> = async () => {}) {
  const presented: string[] = []
  let inFlight = 0
  let mostInFlight = 0
  const tokens = (refreshToken: string): TokenSet => ({
    accessToken: `access-of-${refreshToken}`,
    tokenType: 'bearer',
    expiresIn: 3_600,
    refreshToken,
    refreshExpiresIn: null,
    scopes: null,
    user: null,
  })
  const provider: Provider = {
    kind: 'counting',
    authority: 'https://id.example.test',
    clientId: 'server',
    reuse: 'fatal',
    audience: '',
    terminal: { invalid_grant: 'rejected' },
    async refresh(refreshToken, io) {
      await io.present('https://id.example.test/token', { method: 'POST' })
      presented.push(refreshToken)
      mostInFlight = Math.max(mostInFlight, (inFlight += 1))
      await release()
      inFlight -= 1
      return { kind: 'tokens', tokens: tokens(`${refreshToken}+`) }
    },
    signIn: async () => ({ kind: 'silent', cause: 'unsent' }),
    readCallback: () => null,
    exchange: async () => ({ kind: 'silent', cause: 'unsent' }),
    revoke: async () => true,
  }
  vi.stubGlobal('fetch', async () => new Response())
  onTestFinished(() => void vi.unstubAllGlobals())
  return { provider, presented, mostInFlight: () => mostInFlight }
}

/** A client that holds so many accounts, whose access tokens have run out, and their ids. */
async function createCrowd(provider: Provider, storage: Store, size: number) {
  const auth = createAuthClient({ provider, storage, autoRefresh: 'off' })
  onTestFinished(() => auth.dispose())
  for (let n = 0; n < Math.min(size, 3); n += 1) {
    await auth.setSession({ accessToken: 'a', refreshToken: `r${n}`, expiresAt: Date.now() + 60_000 }, { add: true })
  }
  const [template] = await slotsOf(storage)
  if (!template) throw new Error('There should be a slot.')
  // The rest is written as it would be: signing in ten thousand times is not what is measured.
  await storage.transact({ keys: [] }, (view) => {
    for (let n = 3; n < size; n += 1) {
      const account = n.toString(16).padStart(12, '0')
      view.put(slotKey(namespaceOf('default', provider), account), {
        ...template,
        sessionId: `session-${n}`,
        digest: `digest-${n}`,
        display: { session: account, account },
        tokens: { ...template.tokens, access: `a${n}`, refresh: `r${n}` },
      })
    }
  })
  await letTokensDie(storage)
  const ids = (await slotsOf(storage)).map(({ display }) => display.account)
  auth.dispose()
  return ids
}

// ada, ben, cy: four callers each, all at once. Each account has its own flight, and all are in the air together.
test('three accounts with four callers each make three requests, twelve answers, and overlap in time', async () => {
  const held = createDeferred()
  const { provider, presented, mostInFlight } = createCountingProvider(() => held.promise)
  const storage = memoryStore()
  const ids = await createCrowd(provider, storage, 3)
  const auth = createAuthClient({ provider, storage, autoRefresh: 'off' })
  onTestFinished(() => auth.dispose())
  const asked = ids.flatMap((id) => Array.from({ length: 4 }, () => auth.account(id).getSession()))
  await expect.poll(() => presented.length).toBe(3)
  expect(mostInFlight()).toBe(3)
  held.resolve()
  const answers = await Promise.all(asked)

  expect(answers.map(({ data, error }) => [data.session?.account, data.session?.revision, error])).toEqual(
    ids.flatMap((id) => Array.from({ length: 4 }, () => [id, 2, null])),
  )
  expect(presented.toSorted()).toEqual(['r0', 'r1', 'r2'])
  // Whoever comes when it is over finds the new revision, and asks nobody.
  expect((await auth.account(ids[0] ?? '').getSession()).data.session?.revision).toBe(2)
  expect(presented).toHaveLength(3)
})

/** Everything that keeps flights, from now on: those of a realm's refreshes among them. */
function watchFlights() {
  const { join } = SingleFlight.prototype
  const all = new Set<SingleFlight<never>>()
  SingleFlight.prototype.join = function (this: SingleFlight<never>, ...asked) {
    all.add(this)
    return join.apply(this, asked) as never
  }
  onTestFinished(() => void (SingleFlight.prototype.join = join))
  return { countFlights: () => [...all].reduce((sum, { size }) => sum + size, 0) }
}

/** Bytes in use after a collection of garbage. */
function measureHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

test('ten thousand accounts with timers are refreshed and signed out, and nothing of them stays in the process', async () => {
  const size = 10_000
  const { countFlights } = watchFlights()
  let mostFlights = 0
  const { provider, presented } = createCountingProvider(async () => {
    mostFlights = Math.max(mostFlights, countFlights())
  })
  const storage = memoryStore()
  const before = measureHeap()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const ids = await createCrowd(provider, storage, size)
  const auth = createAuthClient({ provider, storage, autoRefresh: 'off', recorder: 'off' })
  onTestFinished(() => auth.dispose())

  async function comeAndGo(): Promise<void> {
    const sessions = await Promise.all(ids.map((id) => auth.account(id).getSession()))
    expect(new Set(sessions.map(({ data }) => data.session?.account)).size).toBe(size)
    expect(presented).toHaveLength(size)
    expect(new Set(presented).size).toBe(size)
    expect(mostFlights).toBeGreaterThan(1)
    for (const id of ids) auth.account(id).startAutoRefresh()
    expect(vi.getTimerCount()).toBeGreaterThanOrEqual(size)
    await Promise.all(ids.map((id) => auth.account(id).signOut()))
    presented.length = 0
  }
  await comeAndGo()

  expect((await auth.accounts()).data.accounts).toEqual([])
  const kept = await storage.transact({ keys: [], prefixes: [''] }, (view) => view.list('').map(([key]) => key))
  expect(kept.filter((key) => !/^(tombstone|shown):/.test(key))).toEqual([])
  expect(kept.length).toBeLessThanOrEqual(21)
  // What is left are the looks at what is due for revocation; they end with their requests.
  expect(vi.getTimerCount()).toBe(0)
  expect(countFlights()).toBe(0)
  // A kilobyte of each, and it would be more.
  expect(measureHeap() - before).toBeLessThan(10_000_000)
}, 60_000)

test('accounts whose timers are on renew themselves side by side, and leave no timer and no flight', async () => {
  const size = 50
  const { countFlights } = watchFlights()
  const { provider, presented } = createCountingProvider()
  const storage = memoryStore()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const ids = await createCrowd(provider, storage, size)
  const auth = createAuthClient({ provider, storage, autoRefresh: 'always' })
  onTestFinished(() => auth.dispose())
  await Promise.all(ids.map((id) => auth.account(id).getSession()))
  for (const id of ids) auth.account(id).startAutoRefresh()
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(presented).toHaveLength(2 * size)
  expect(new Set(presented).size).toBe(2 * size)

  await Promise.all(ids.map((id) => auth.account(id).signOut()))
  expect([vi.getTimerCount(), countFlights()]).toEqual([0, 0])
})
