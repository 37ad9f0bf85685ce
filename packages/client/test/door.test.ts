import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../src/in-realm.ts'
import { memoryStore, type SessionResult, type Store } from '../src/index.ts'
import { type Client, namespace, setUp } from './support/app.ts'
import { createRealm } from './support/realm.ts'
import { createGatedStore } from './support/stores.ts'

const app = 'https://app.example.test/'
const issuer = 'https://id.example.test'
const signal = AbortSignal.abort(new Error('Not any more.'))

describe('a caller who has left before', () => {
  test.each([
    ['signIn', (auth: Client) => auth.signIn({}, { signal })],
    ['setSession', (auth: Client) => auth.setSession({ accessToken: 'a', refreshToken: 'r' }, { signal })],
    ['switchTo', (auth: Client) => auth.switchTo('other', { signal })],
    ['handleRedirect', (auth: Client) => auth.handleRedirect(`${app}?code=c&state=s&iss=${issuer}`, { signal })],
  ])('begins no %s: the store is not touched, and nobody is asked', async (_, ask) => {
    const { server, createClient } = setUp()
    const inner = memoryStore()
    const touched: string[] = []
    const transact: Store['transact'] = (scope, change) => {
      touched.push(...scope.keys, ...(scope.prefixes ?? []))
      return inner.transact(scope, change)
    }
    const auth = createClient({ storage: { ...inner, transact } })
    await auth.getSession()
    touched.length = 0
    const { data, error } = await ask(auth)
    expect([data.session, error?.code]).toEqual([null, 'aborted'])
    await auth.accounts()
    expect(touched).toEqual([`slot:${namespace}:`])
    expect(server.log).toEqual([])
  })

  test('is told what is held for whom it asked for, and moves nobody', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    const ada = await signIn(auth, 'ada')
    const shown = await signIn(auth, 'grace', { add: true })
    const { data, error } = await auth.switchTo(ada.account, { signal })
    expect([data.session, error?.code]).toEqual([ada, 'aborted'])
    expect((await auth.getSession()).data.session).toBe(shown)
  })
})

test('whose callback another client on the store has finished and signed out is told so, not who is shown beside', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const [one, other] = [createClient({ storage }), createClient({ storage })]
  await signIn(one, 'grace')
  await other.getSession()
  const { data } = await one.signIn({ add: true })
  const callback = await server.authorize(data.url ?? '', { user: 'ada' })
  one.subscribe(() => {
    const snapshot = one.getSnapshot()
    if ('session' in snapshot && snapshot.session.user?.name === 'Ada Lovelace') void one.signOut()
  })
  const [, told] = await Promise.all([one.handleRedirect(callback), other.handleRedirect(callback)])
  expect(told.data.session).toBeNull()
  expect(told.error).toMatchObject({ code: 'refresh_discarded', reason: 'signed_out' })
})

test('who is shown is no answer to a sign-in that comes to nothing', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  const shown = await signIn(auth, 'ada')
  const left = await auth.signIn({}, { signal })
  expect([left.data, left.error?.code]).toEqual([{ url: null, session: null }, 'aborted'])
  expect((await auth.getSession()).data.session).toBe(shown)
})

describe('who is shown is no answer to', () => {
  test.each<[string, (auth: Client) => Promise<SessionResult>, string]>([
    ['tokens that are none', (auth) => auth.setSession({ accessToken: '', refreshToken: '' }), 'invalid_option'],
    ['tokens of a caller who has left', (auth) => auth.setSession({ accessToken: 'a' }, { signal }), 'aborted'],
    ['an account that is not here', (auth) => auth.switchTo('nobody'), 'session_missing'],
    ['an address that is none', (auth) => auth.handleRedirect('https://'), 'callback_invalid'],
  ])('%s', async (_, ask, code) => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    const shown = await signIn(auth, 'ada')
    const { data, error } = await ask(auth)
    expect([data, error?.code]).toEqual([{ session: null }, code])
    expect((await auth.getSession()).data.session).toBe(shown)
  })

  test.each<[string, (auth: Client) => Promise<SessionResult>]>([
    ['tokens', (auth) => auth.setSession({ accessToken: 'a', refreshToken: 'r' })],
    ['a switch', (auth) => auth.switchTo('other')],
    ['a callback', (auth) => auth.handleRedirect(`${app}?code=c&state=s&iss=${issuer}`)],
  ])('%s that nothing comes of in time', async (_, ask) => {
    const { createClient, signIn } = setUp()
    const { store, hold } = createGatedStore()
    const auth = createClient({ storage: store })
    const shown = await signIn(auth, 'ada')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const gate = hold()
    const asking = ask(auth)
    await gate.arrived
    await vi.advanceTimersByTimeAsync(10_000)
    const { data, error } = await asking
    expect([data, error?.code]).toEqual([{ session: null }, 'timeout'])
    gate.release()
    expect((await auth.getSession()).data.session).toBe(shown)
  })

  test('a sign-in that came back with the page, and failed', async () => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    await signIn(createClient({ storage }), 'ada')
    const { data } = await createClient({ storage }).signIn({ add: true })
    const href = await server.authorize(data.url ?? '', { deny: 'access_denied' })
    const page = { ...createRealm().page, href, leave() {}, replaceAddress() {} }
    const auth = createClient({ storage, redirect: 'auto' }, (options) =>
      createAuthClientIn(createRealm({ page }), options),
    )
    for (const told of [await auth.handleRedirect(), await auth.handleRedirect()])
      expect([told.data, told.error?.code]).toEqual([{ session: null }, 'access_denied'])
    expect((await auth.getSession()).data.session?.user?.name).toBe('Ada Lovelace')
    await auth.refreshSession()
    expect((await auth.handleRedirect()).error?.code).toBe('access_denied')
    await auth.signOut()
    expect(await auth.handleRedirect()).toEqual({ data: { session: null }, error: null })
  })
})

describe('how the sign-in went that came back with the page', () => {
  async function comeBack(consent: { deny?: string } = {}) {
    const { server, createClient, signIn } = setUp()
    const storage: Store = memoryStore()
    const { data } = await createClient({ storage }).signIn()
    const href = await server.authorize(data.url ?? '', consent)
    const page = { ...createRealm().page, href, leave() {}, replaceAddress() {} }
    const auth = createClient({ storage, redirect: 'auto' }, (options) =>
      createAuthClientIn(createRealm({ page }), options),
    )
    const tokens = async () => {
      const { access_token: accessToken, refresh_token: refreshToken = '' } = await server.signIn({
        user: 'grace',
      })
      return { accessToken, refreshToken }
    }
    return { auth, tokens, signIn, told: await auth.handleRedirect() }
  }

  test('is told whenever that is asked, as long as nobody comes or goes', async () => {
    const { auth, told } = await comeBack({ deny: 'access_denied' })
    expect(told.error?.code).toBe('access_denied')
    expect((await auth.handleRedirect()).error).toBe(told.error)
  })

  test('is no answer once that session is over, or renewed, or another one is shown', async () => {
    const { auth, tokens, told } = await comeBack()
    expect(told.data.session?.user?.name).toBe('Ada Lovelace')
    const renewed = await auth.refreshSession()
    expect((await auth.handleRedirect()).data.session).toBe(renewed.data.session)
    const { data } = await auth.setSession(await tokens())
    expect((await auth.handleRedirect()).data.session).toBe(data.session)
    await auth.signOut()
    expect(await auth.handleRedirect()).toEqual({ data: { session: null }, error: null })
  })

  test('is over where it failed, once somebody has come in another way, and gone', async () => {
    const { auth, tokens } = await comeBack({ deny: 'access_denied' })
    const { data } = await auth.setSession(await tokens())
    expect(await auth.handleRedirect()).toEqual({ data: { session: data.session }, error: null })
    await auth.signOut()
    expect(await auth.handleRedirect()).toEqual({ data: { session: null }, error: null })
  })
})

// page       comes back with grace ── exchanges ── shows her
// switchTo       └── ada ──────────────────────────────── shows her
test('a switch that is asked for while a sign-in comes back is made after it', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const before = createClient({ storage })
  const { account } = await signIn(before, 'ada')
  const { data } = await before.signIn({ add: true })
  const href = await server.authorize(data.url ?? '', { user: 'grace' })
  before.dispose()
  const page = { ...createRealm().page, href, leave() {}, replaceAddress() {} }
  const auth = createClient({ storage, redirect: 'auto' }, (options) =>
    createAuthClientIn(createRealm({ page }), options),
  )
  const switched = await auth.switchTo(account)
  expect(switched.data.session?.user?.name).toBe('Ada Lovelace')
  await auth.handleRedirect()
  expect(auth.getSnapshot()).toMatchObject({ session: { account } })
  expect((await auth.accounts()).data.accounts).toHaveLength(2)
})
