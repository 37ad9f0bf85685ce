import { expect, onTestFinished, test, vi } from 'vitest'
import { type LockFunction, processLock } from '../src/locks.ts'
import { setUp } from './support/app.ts'
import { createInPageClient } from './support/in-page-provider.ts'

let names = 0
/** Locks go by the client's name. */
const newName = (): string => `waits-${(names += 1)}`

/** Ada is signed in, with a patience of a second. From here on the lock is the one that the test gives, and so is the time. */
async function setUpSignedIn(lock: LockFunction, lockAcquireTimeout = 0) {
  const { server } = setUp()
  let current: LockFunction = processLock
  const auth = createInPageClient(server, {
    name: newName(),
    lock: (...of) => current(...of),
    lockAcquireTimeout,
    patience: 1_000,
  })
  await auth.signIn({ user: 'ada' })
  current = lock
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user: 'grace' })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { session } = auth.getSnapshot() as { readonly session?: object }
  return { server, auth, session, tokens: { accessToken, refreshToken } }
}

test.each([
  ['is none', 7, 'invalid_option'],
  ['was aborted', AbortSignal.abort(), 'aborted'],
])('a caller whose signal %s does not ask for the lock', async (_, signal, code) => {
  const asked = vi.fn()
  const { auth, session } = await setUpSignedIn((...of) => {
    asked()
    return processLock(...of)
  })
  const given = { signal } as never
  expect(await auth.refreshSession(given)).toMatchObject({ data: { session }, error: { code } })
  await expect(auth.getAccessToken(given)).rejects.toMatchObject({ code })
  expect(asked).not.toHaveBeenCalled()
})
