import { expect, test } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import type { AskAboutUser } from '../../src/providers/provider.ts'
import { setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { createInPageClient, createInPageProvider } from '../support/in-page-provider.ts'
import { slotsOf } from '../support/stores.ts'

type Client = ReturnType<typeof createInPageClient>

// refresh      answered ──────────────────────── commits
// updateUser            └── kept: the new name ──┘
test.each(['this tab', 'another tab'])(
  'a change of the user is not undone by a refresh of %s that was answered before',
  async (whose) => {
    const { server } = setUp()
    const storage = memoryStore()
    const auth = createInPageClient(server, { storage })
    await auth.signIn({ user: 'ada' })
    const other = whose === 'this tab' ? auth : createInPageClient(server, { storage })
    await other.getSession()
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshing = other.refreshSession()
    await gate.arrived
    await auth.updateUser({ name: 'Countess' })
    gate.release()
    await refreshing

    expect(await slotsOf(storage)).toMatchObject([{ revision: 2, user: { name: 'Countess' } }])
    expect(other.getSnapshot()).toMatchObject({ session: { revision: 2, user: { name: 'Countess' } } })
  },
)

// getUser      answered ──────────────────────── keeps?
// updateUser            └── kept: the new name ──┘
test('a change of the user is not undone by a getUser that was answered before, and that gives the change', async () => {
  const { server } = setUp()
  const answered = createDeferred()
  const provider = createInPageProvider(server)
  const user: AskAboutUser = async (...asked) => {
    const answer = await provider.user?.(...asked)
    await answered.promise
    return answer ?? { kind: 'user', user: null }
  }
  const auth = createInPageClient(server, { provider: { ...provider, user } })
  await auth.signIn({ user: 'ada' })
  const asking = auth.getUser()
  await expect.poll(() => server.count('userinfo')).toBe(1)
  await auth.updateUser({ name: 'Countess' })
  answered.resolve()

  expect(await asking).toMatchObject({ data: { user: { name: 'Countess' } }, error: null })
  expect(auth.getSnapshot()).toMatchObject({ session: { user: { name: 'Countess' } } })
  expect(server.count('userinfo')).toBe(2)
})

/** A change of the name that is not answered yet, and one of the address that was asked for later and is kept. */
async function cross(auth: Client, server: ReturnType<typeof setUp>['server']) {
  const answered = createDeferred()
  const naming = auth.updateUser({ name: 'Countess' }, answered.promise)
  await expect.poll(() => server.count('userinfo')).toBe(1)
  await auth.updateUser({ email: 'canary.countess@example.test' })
  return { naming, answered }
}

// updateUser   the name: done ─────────────────────────────────── answered: asked again
// updateUser                  └── the address: done and kept ──┘
test('of two changes whose answers cross none is lost', async () => {
  const { server } = setUp()
  const storage = memoryStore()
  const auth = createInPageClient(server, { storage })
  await auth.signIn({ user: 'ada' })
  const { naming, answered } = await cross(auth, server)
  answered.resolve()
  const both = { name: 'Countess', email: 'canary.countess@example.test' }

  expect(await naming).toMatchObject({ data: { user: both }, error: null })
  expect(await slotsOf(storage)).toMatchObject([{ user: both }])
})

// updateUser   the name: done ─────────────────────────────────── answered: asked again, and refused
// updateUser                  └── the address: done and kept ──┘
test.each([
  ['is told as done', async (_auth: Client) => {}, null, 'Countess'],
  ['is not told to who has signed out', (auth: Client) => auth.signOut(), 'rate_limited', undefined],
])(
  'a change that crosses another, and that the server does not tell of again, %s',
  async (_, meanwhile, code, name) => {
    const { server } = setUp()
    const auth = createInPageClient(server)
    await auth.signIn({ user: 'ada' })
    const { naming, answered } = await cross(auth, server)
    const apply = async (): Promise<Response> => {
      await meanwhile(auth)
      return new Response(null, { status: 429 })
    }
    server.faults.always({ name: 'busy', apply }, { endpoint: 'userinfo' })
    answered.resolve()
    const { data, error } = await naming

    expect(error?.code ?? null).toBe(code)
    expect(data.user?.name).toBe(name)
  },
)

test('a change is kept as it is told by a provider that cannot be asked who it is', async () => {
  const { server } = setUp()
  const { user: _, ...provider } = createInPageProvider(server)
  const auth = createInPageClient(server, { provider })
  await auth.signIn({ user: 'ada' })
  const { naming, answered } = await cross(auth, server)
  answered.resolve()

  expect(await naming).toMatchObject({ data: { user: { name: 'Countess' } }, error: null })
})
