import { busy } from '@authflight/testing'
import { describe, expect, test, vi } from 'vitest'
import { memoryStore, type Session } from '../../src/index.ts'
import { type Client, setUp } from '../support/app.ts'
import { letTokensDie } from '../support/stores.ts'

/** A client whose access token is dead, and whose server is busy. */
async function setUpBusy() {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  const auth = createClient({ storage })
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
  const listener = vi.fn()
  auth.subscribe(listener)
  return { auth, listener }
}

test('a refresh that fails for a hundred callers is one change', async () => {
  const { auth, listener } = await setUpBusy()
  const answers = await Promise.all(Array.from({ length: 100 }, () => auth.getSession()))
  expect(new Set(answers.map(({ error }) => error?.code))).toEqual(new Set(['rate_limited']))
  expect(listener).toHaveBeenCalledOnce()
  expect(auth.getSnapshot().status).toBe('stale')
})

test('who asks during a back-off changes nothing', async () => {
  const { auth, listener } = await setUpBusy()
  await auth.getSession()
  const before = auth.getSnapshot()
  listener.mockClear()
  await auth.getSession()
  expect(auth.getSnapshot()).toBe(before)
  expect(listener).not.toHaveBeenCalled()
})

test('somebody who takes the place of another is never shown as signed out in between', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const [here, there] = [createClient({ storage }), createClient({ storage })]
  await signIn(here, 'ada')
  await there.getSession()
  const seen: string[] = []
  for (const auth of [here, there]) auth.subscribe(() => seen.push(auth.getSnapshot().status))
  const grace = await signIn(here, 'grace')
  await expect.poll(() => there.getSnapshot()).toMatchObject({ session: { sessionId: grace.sessionId } })
  expect(seen).not.toContain('signed-out')
})

test('the same function subscribed twice is called once for each, and each leaves by itself', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await auth.getSession()
  const listener = vi.fn()
  const [first] = [auth.subscribe(listener), auth.subscribe(listener)]
  await signIn(auth)
  expect(listener).toHaveBeenCalledTimes(2)
  first()
  first()
  await auth.refreshSession()
  expect(listener).toHaveBeenCalledTimes(3)
})

describe.each([
  ['the account shown', (auth: Client) => auth],
  ['one account', (auth: Client, { account }: Session) => auth.account(account)],
])('a listener to %s', (_, of) => {
  async function setUpSignedIn() {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    return { auth, account: of(auth, await signIn(auth)) }
  }

  test('that leaves and listens again is called once a change', async () => {
    const { auth, account } = await setUpSignedIn()
    let calls = 0
    function listen(): void {
      const leave = account.subscribe(() => {
        calls += 1
        leave()
        // Going round for ever would end no test.
        if (calls < 10) listen()
      })
    }
    listen()
    await auth.refreshSession()
    expect(calls).toBe(1)
    await auth.refreshSession()
    expect(calls).toBe(2)
  })

  test('is not called when one before it disposes of the client, or has taken it away', async () => {
    const { auth, account } = await setUpSignedIn()
    const [later, last] = [vi.fn(), vi.fn()]
    account.subscribe(() => leave())
    const leave = account.subscribe(later)
    account.subscribe(auth.dispose)
    account.subscribe(last)
    await auth.refreshSession()
    expect(later).not.toHaveBeenCalled()
    expect(last).not.toHaveBeenCalled()
  })
})
