import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore, recorderHook, type Store } from '../../src/index.ts'
import { refreshMeanwhile, setUp } from '../support/app.ts'
import { quiet } from '../support/quiet.ts'
import { createFailingStore, letTokensDie, slotsOf } from '../support/stores.ts'

/** A store whose disk is full, or not, as the test says. Reading works. */
function fillable(store: Store) {
  let isFull = false
  const full: Store = {
    ...store,
    transact: (scope, change) =>
      store.transact(scope, (view) => {
        const refuse = (): never => {
          throw new DOMException('full', 'QuotaExceededError')
        }
        return change(isFull ? { ...view, put: refuse, delete: refuse } : view)
      }),
  }
  return { store: full, fill: () => void (isFull = true), free: () => void (isFull = false) }
}

test('a rotated session that the store does not take is served from memory, and written when there is room', async () => {
  quiet()
  const { server, createClient, signIn } = setUp()
  const inner = memoryStore()
  const { store, fill, free } = fillable(inner)
  const auth = createClient({ storage: store })
  await signIn(auth)
  const { data, error } = await refreshMeanwhile(server, auth, fill)

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect((await auth.getSession()).data.session).toBe(data.session)
  expect(await revisionIn(inner)).toBe(1)

  free()
  await expect.poll(() => revisionIn(inner), { timeout: 5_000 }).toBe(2)
  expect((await auth.refreshSession()).data.session?.revision).toBe(3)
  expect(server.log.filter((entry) => entry.reused)).toEqual([])
})

test('a new client of the page finds what is owed, and does not present the token that was rotated', async () => {
  quiet()
  const { server, createClient, signIn } = setUp()
  const { store, fill, free } = fillable(memoryStore())
  const first = createClient({ storage: store })
  await signIn(first)
  await refreshMeanwhile(server, first, fill)
  first.dispose()

  const second = createClient({ storage: store })
  expect((await second.getSession()).data.session?.revision).toBe(2)
  free()
  await expect.poll(() => revisionIn(store), { timeout: 5_000 }).toBe(2)
  expect((await second.refreshSession()).data.session?.revision).toBe(3)
  expect(server.log.filter((entry) => entry.reused)).toEqual([])
})

test('while the store is full no other token is presented: where there is no room for a new one the old one stays', async () => {
  quiet()
  const { server, createClient, signIn } = setUp()
  const { store, fill } = fillable(memoryStore())
  const auth = createClient({ storage: store })
  await signIn(auth)
  fill()

  const { data, error } = await auth.refreshSession()

  expect(error?.code).toBe('storage_error')
  expect(error?.message).toContain('QuotaExceededError')
  expect(data.session?.revision).toBe(1)
  expect(server.count('refresh_token')).toBe(0)
})

test('a sign-out wins over a write that is still owed, and the token in memory is revoked', async () => {
  quiet()
  const { server, createClient, signIn } = setUp()
  const inner = memoryStore()
  const { store, fill, free } = fillable(inner)
  const auth = createClient({ storage: store })
  const discards: unknown[] = []
  onTestFinished(
    recorderHook().subscribe((source) => {
      source.subscribe(({ name, endedAt, attributes }) => {
        if (name === 'authflight.discard' && endedAt) discards.push(attributes['authflight.discard.reason'])
      })
    }),
  )
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  fill()
  gate.release()
  await refreshing
  free()
  await auth.signOut()

  await expect.poll(() => server.liveSessions).toEqual([])
  await expect.poll(() => discards, { timeout: 5_000 }).toEqual(['signed_out'])
  expect(await revisionIn(inner)).toBeNull()
  expect((await auth.getSession()).data.session).toBeNull()
})

test('a sign-out whose delete fails is reported, serves nothing meanwhile, and is done when the store can', async () => {
  const { server, createClient, signIn } = setUp()
  const inner = memoryStore()
  const { store, fill, free } = fillable(inner)
  const auth = createClient({ storage: store })
  await signIn(auth)
  fill()

  const { error } = await auth.signOut()

  expect(error?.code).toBe('storage_error')
  expect(error?.message).toContain('signed out here')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  expect((await auth.getSession()).data.session).toBeNull()
  await expect.poll(() => server.liveSessions).toEqual([])
  free()
  await expect.poll(() => revisionIn(inner), { timeout: 5_000 }).toBeNull()
  expect((await auth.getSession()).data.session).toBeNull()
})

describe('the retried delete of a sign-out', () => {
  /** Ada has left, and the store did not delete her session; it works again, and the delete is yet to come. */
  async function leaveBehind() {
    const { server, createClient, signIn } = setUp()
    const { store, fail, mend } = createFailingStore()
    const auth = createClient({ storage: store })
    await signIn(auth, 'ada')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    fail()
    expect((await auth.signOut()).error?.code).toBe('storage_error')
    mend()
    return { server, store, auth, signIn, retry: () => vi.advanceTimersByTimeAsync(2_000) }
  }

  test('deletes what was left behind', async () => {
    const { store, retry } = await leaveBehind()
    expect(await slotsOf(store)).toHaveLength(1)
    await retry()
    expect(await slotsOf(store)).toEqual([])
  })

  test('does not end the same user’s later sign-in', async () => {
    const { server, store, auth, signIn, retry } = await leaveBehind()
    const again = await signIn(auth, 'ada')
    await retry()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: again.sessionId } })
    expect(await slotsOf(store)).toMatchObject([{ display: { session: again.sessionId } }])
    expect(server.liveSessions).toHaveLength(1)
  })

  test('does not tell the server again, which could end the grant of the later sign-in', async () => {
    const { server, auth, signIn, retry } = await leaveBehind()
    await expect.poll(() => server.count('revocation'), { interval: 0 }).toBe(1)
    await signIn(auth, 'ada')
    await retry()
    // A revocation would have left before this.
    expect((await auth.refreshSession()).data.session?.revision).toBe(2)
    expect(server.count('revocation')).toBe(1)
  })

  test('does not end a sign-in that was begun after it and is still on its way', async () => {
    const { server, auth, retry } = await leaveBehind()
    vi.setSystemTime(Date.now() + 1)
    const { data } = await auth.signIn()
    await retry()
    const { data: returned, error } = await auth.handleRedirect(
      await server.authorize(data.url ?? '', { user: 'grace' }),
    )
    expect(error).toBeNull()
    expect(returned.session?.user?.name).toBe('Grace Hopper')
  })
})

test('a new client of the realm waits for a write that is owed, also beyond the hard limit, and presents nothing', async () => {
  quiet()
  const { server, createClient, signIn } = setUp()
  const { store, fill, free } = fillable(memoryStore())
  const auth = createClient({ storage: store, requestLimit: 1_000 })
  await signIn(auth)
  await letTokensDie(store)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  await auth.getSession({ signal: AbortSignal.abort() })
  const rotating = auth.refreshSession()
  await gate.arrived
  fill()
  gate.release()
  await rotating
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const heir = createClient({ storage: store, requestLimit: 1_000, patience: 200_000 })
  const asked = heir.getSession()
  for (let passed = 0; passed < 30_000; passed += 500) {
    await vi.advanceTimersByTimeAsync(500)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(server.count('refresh_token')).toBe(1)
  free()
  await vi.advanceTimersByTimeAsync(60_000)

  expect(await asked).toMatchObject({ data: { session: { revision: 2 } }, error: null })
  expect(server.log.filter((entry) => entry.reused)).toEqual([])
})

test('another client of the realm is given the session whose write is owed', async () => {
  quiet()
  const { server, createClient, signIn } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  const other = createClient({ storage: store })
  await signIn(auth)
  await expect.poll(() => other.getSnapshot().status).toBe('signed-in')
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  fail(({ prefixes = [] }) => prefixes.length > 0)
  gate.release()
  await refreshing

  expect((await other.refreshSession()).data.session).toMatchObject({ revision: 2 })
  mend()
  expect(await slotsOf(store)).toMatchObject([{ revision: 1 }])
})

const revisionIn = (store: Store): Promise<number | null> =>
  store.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
    const [found] = view.list('slot:')
    return found ? (found[1] as { revision: number }).revision : null
  })
