import { expect, test } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import type { AskAboutUser } from '../../src/providers/provider.ts'
import { setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { setUp as setUpGoTrue, signIn as signInAtGoTrue } from '../support/gotrue-app.ts'
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

/** Tabs of one store at a server whose users can be renamed. */
const tabsOf = {
  'of its own': () => {
    const { server } = setUp()
    return (storage: Store) => {
      const auth = createInPageClient(server, { storage })
      return { auth, come: () => auth.signIn({ user: 'ada' }), rename: (name: string) => auth.updateUser({ name }) }
    }
  },
  GoTrue: () => {
    const { createClient } = setUpGoTrue()
    return (storage: Store) => {
      const auth = createClient({ storage })
      const rename = (name: string) => auth.updateUser({ data: { full_name: name } })
      return { auth, come: () => signInAtGoTrue(auth), rename }
    }
  },
}

async function openTabs(server: keyof typeof tabsOf) {
  const storage = memoryStore()
  const open = tabsOf[server]()
  const one = open(storage)
  await one.come()
  // It may tell more than the sign-in did.
  await one.auth.getUser()
  const other = open(storage)
  await other.auth.getSession()
  const heard: string[] = []
  one.auth.onAuthStateChange((event, session) => void heard.push(`${event} ${session?.user?.name}`))
  return { storage, one, other, heard, open }
}

const servers = ['of its own', 'GoTrue'] as const

test.each(servers)(
  'changes after a getUser that told nothing new are kept, told and shown: a server %s',
  async (at) => {
    const { storage, one, heard } = await openTabs(at)
    const { auth, rename } = one
    const names = async () => [
      (await slotsOf(storage))[0]?.user?.name,
      (await auth.getSession()).data.session?.user?.name,
      (auth.getSnapshot() as { session?: { user?: { name?: string } } }).session?.user?.name,
    ]
    const change = async (name: string) => {
      expect(await rename(name)).toMatchObject({ data: { user: { name } }, error: null })
      expect(await names()).toEqual([name, name, name])
    }
    await auth.getUser()
    await change('Countess')
    await change('Augusta')
    expect(await auth.getUser()).toMatchObject({ data: { user: { name: 'Augusta' } }, error: null })
    await change('Byron')
    await auth.getUser()

    expect(await names()).toEqual(['Byron', 'Byron', 'Byron'])
    await expect
      .poll(() => heard)
      .toEqual(['INITIAL_SESSION Ada Lovelace', 'USER_UPDATED Countess', 'USER_UPDATED Augusta', 'USER_UPDATED Byron'])
  },
)

// one tab      ── asks: nothing new
// the other                        └── changes
test.each(servers.flatMap((at) => [[at, 'this tab'] as const, [at, 'another tab'] as const]))(
  'a change by one tab after a getUser of the other that told nothing new is kept: a server %s, changed by %s',
  async (at, whose) => {
    const { storage, one, other } = await openTabs(at)
    const [changing, asking] = whose === 'this tab' ? [one, other] : [other, one]
    await asking.auth.getUser()
    expect(await changing.rename('Countess')).toMatchObject({ data: { user: { name: 'Countess' } }, error: null })
    expect(await slotsOf(storage)).toMatchObject([{ user: { name: 'Countess' } }])
    const shown = { session: { user: { name: 'Countess' } } }
    expect(changing.auth.getSnapshot()).toMatchObject(shown)
    await expect.poll(() => asking.auth.getSnapshot()).toMatchObject(shown)
  },
)

test('a refresh after a getUser that told nothing new brings what it tells of the user', async () => {
  const { storage, one, open } = await openTabs('GoTrue')
  await one.auth.getUser()
  const elsewhere = open(memoryStore())
  await elsewhere.come()
  await elsewhere.rename('Countess')
  await one.auth.refreshSession()
  expect(await slotsOf(storage)).toMatchObject([{ revision: 2, user: { name: 'Countess' } }])
})
