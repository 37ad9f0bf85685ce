import { describe, expect, test } from 'vitest'
import { memoryStore, type Store } from '../src/index.ts'
import { type Client, namespace, setUp } from './support/app.ts'

const signal = AbortSignal.abort(new Error('Not any more.'))

describe('a caller who has left before', () => {
  test.each([
    ['signIn', (auth: Client) => auth.signIn({}, { signal })],
    ['setSession', (auth: Client) => auth.setSession({ accessToken: 'a', refreshToken: 'r' }, { signal })],
    ['switchTo', (auth: Client) => auth.switchTo('other', { signal })],
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

  test('is told who is shown, and moves nobody', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    const { account } = await signIn(auth, 'ada')
    const shown = await signIn(auth, 'grace', { add: true })
    const { data, error } = await auth.switchTo(account, { signal })
    expect([data.session, error?.code]).toEqual([shown, 'aborted'])
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
