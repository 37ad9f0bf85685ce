import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { type LockFunction, processLock } from '../src/locks.ts'
import { setUp } from './support/app.ts'
import { createDeferred } from './support/deferred.ts'

let names = 0
/** Locks go by the client's name. */
const newName = (): string => `timer-${(names += 1)}`

const never: LockFunction = () => new Promise(() => {})

/** A client with a lock and a timer, on whose clock the test decides, for a session that lives for 20 seconds. */
async function setUpTimer(lock: LockFunction, options: object = {}) {
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 20 })
  const [storage, name] = [memoryStore(), newName()]
  await signIn(createClient({ storage, name }))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const auth = createClient({ storage, name, lock, autoRefresh: 'always', ...options })
  await auth.getSession()
  return { server, auth }
}

// timer      has the lock ── refreshes ──────────────┐
// callers                      stand behind it        └── have their turns
test('who comes while the timer refreshes has its turn after, also with a lock that is tried once', async () => {
  const { server, auth } = await setUpTimer(processLock, { lockAcquireTimeout: 0 })
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  await vi.advanceTimersByTimeAsync(19_000)
  await gate.arrived
  const session = auth.getSession()
  const token = auth.getAccessToken()
  const leaving = auth.signOut()
  gate.release()
  expect((await session).data.session?.revision).toBe(2)
  expect(await token).toBe((await session).data.session?.accessToken)
  expect((await leaving).error).toBeNull()
  expect(auth.getSnapshot().status).toBe('signed-out')
})

test('the timer does not ask for the lock while somebody of its client is in line, and comes again', async () => {
  const asked = vi.fn<(timeout: number) => void>()
  const { server, auth } = await setUpTimer((name, timeout, work) => {
    asked(timeout)
    return processLock(name, timeout, work)
  })
  await vi.advanceTimersByTimeAsync(15_000)
  asked.mockClear()
  const gate = server.hold({ endpoint: 'userinfo' })
  const asking = auth.getUser()
  await gate.arrived
  await vi.advanceTimersByTimeAsync(4_500)
  gate.release()
  await asking
  expect(asked.mock.calls).toEqual([[10_000]])
  await vi.advanceTimersByTimeAsync(2_000)
  await vi.waitFor(() => expect(server.count('refresh_token')).toBe(1))
})

test('a lock that does not answer the timer once neither stops it nor keeps anybody in line', async () => {
  let isSilent = true
  const { server, auth } = await setUpTimer((name, timeout, work) => {
    const lock = isSilent && timeout === 0 ? never : processLock
    isSilent &&= timeout !== 0
    return lock(name, timeout, work)
  })
  await vi.advanceTimersByTimeAsync(19_000)
  expect(isSilent).toBe(false)
  const asked = auth.getSession()
  await vi.advanceTimersByTimeAsync(11_500)
  expect((await asked).error).toBeNull()
  await vi.advanceTimersByTimeAsync(20_000)
  await vi.waitFor(() => expect(server.count('refresh_token')).toBeGreaterThan(1))
})

test('a lock that the timer is given after dispose begins no refresh', async () => {
  const late = createDeferred()
  const { server, auth } = await setUpTimer(async (_, timeout, work) => {
    if (timeout === 0) await late.promise
    return work()
  })
  await vi.advanceTimersByTimeAsync(19_000)
  auth.dispose()
  late.resolve()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(server.log.filter(({ endpoint }) => endpoint === 'token')).toHaveLength(1)
})
