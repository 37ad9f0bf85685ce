import { onTestFinished, expect, test } from 'vitest'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { memoryStore } from '../../src/index.ts'
import type { Scope } from '../../src/storage/store.ts'
import { apiOrigin, setUp } from '../support/app.ts'
import { createInPageClient } from '../support/in-page-provider.ts'
import { createSilentRealm } from '../support/realm.ts'
import { createGatedStore, meddle, touches } from '../support/stores.ts'
import { http, HttpResponse } from 'msw'

/** A store that tells how many accounts a client follows: those that it reads when it is told that something changed. */
function createObservedStore() {
  let followed = 0
  const isLook = ({ keys, prefixes }: Scope): boolean =>
    !prefixes && keys.every((key) => /^(slot|tombstone):/.test(key))
  const storage = meddle(memoryStore(), (scope) => {
    if (isLook(scope)) followed = scope.keys.filter((key) => key.startsWith('slot:')).length
  })
  const channel = new BroadcastChannel('authflight:default')
  onTestFinished(() => channel.close())
  async function isFollowing(accounts: number): Promise<void> {
    followed = -1
    const count = (): number => {
      channel.postMessage({ v: 1, kind: 'changed' })
      return followed
    }
    await expect.poll(count).toBe(accounts)
  }
  return { storage, isFollowing }
}

test('an account that was replaced, here or elsewhere, is not followed any more', async () => {
  const { server } = setUp()
  const { storage, isFollowing } = createObservedStore()
  const auth = createInPageClient(server, { storage })
  for (const user of ['ada', 'grace', 'ada']) await auth.signIn({ user })
  await isFollowing(1)
  const other = createInPageClient(server, { storage })
  await other.getSession()
  await other.signIn({ user: 'grace' })
  await expect.poll(() => auth.getSnapshot()).toMatchObject({ session: { user: { name: 'Grace Hopper' } } })
  other.dispose()
  await isFollowing(1)
})

test('an account that somebody looks at is followed until nobody does', async () => {
  const { server } = setUp()
  const { storage, isFollowing } = createObservedStore()
  const auth = createInPageClient(server, { storage })
  await auth.signIn({ user: 'ada' })
  const { account = '' } = (await auth.getSession()).data.session ?? {}
  const offs = [auth.account(account).subscribe(() => {}), auth.account(account).onAuthStateChange(() => {})]
  await auth.signIn({ user: 'grace' })
  await isFollowing(2)
  for (const off of offs) off()
  await isFollowing(1)
})

// fetch        of ada ── 401 ────────────────────── a newer token of hers?
// signIn                  └── grace is in her place ──┘
test('a request that was refused after its account was replaced does not make the client follow that again', async () => {
  const { server, network } = setUp()
  const { storage, isFollowing } = createObservedStore()
  const auth = createInPageClient(server, { storage, fetchOrigins: [apiOrigin] })
  await auth.signIn({ user: 'ada' })
  network.use(
    http.get(`${apiOrigin}/orders`, async () => {
      await auth.signIn({ user: 'grace' })
      return new HttpResponse(null, { status: 401 })
    }),
  )
  expect((await auth.fetch(`${apiOrigin}/orders`)).status).toBe(401)
  await isFollowing(1)
})

test('an account that holds no session leaves nothing behind for having been asked about', async () => {
  const { server } = setUp()
  const { storage, isFollowing } = createObservedStore()
  const auth = createInPageClient(server, { storage })
  await auth.signIn({ user: 'ada' })
  const ask = async (id: string) => {
    const nobody = auth.account(id)
    await Promise.all([nobody.getSession(), nobody.getUser(), nobody.getAccessToken(), nobody.exportSession()])
    await nobody.signOut()
  }
  await Promise.all(['1', '2', '3'].map(ask))
  for (const id of ['4', '5', '6']) {
    auth.account(id).getSnapshot()
    auth.account(id).stopAutoRefresh()
  }
  await isFollowing(1)
})

test('the end of a session that somebody looked at stays as it was told, though nobody looks any more', async () => {
  const { server } = setUp()
  const auth = createInPageClient(server, { storage: memoryStore() })
  await auth.signIn({ user: 'ada' })
  const ada = auth.account((await auth.getSession()).data.session?.account ?? '')
  const off = ada.subscribe(() => {})
  await ada.signOut()
  const shown = ada.getSnapshot()
  off()
  for (let looks = 0; looks < 3; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(ada.getSnapshot()).toBe(shown)
  }
  expect(shown).toEqual({ status: 'signed-out', reason: 'user' })
  const nobody = auth.account('nobody')
  await expect.poll(() => nobody.getSnapshot().status).toBe('signed-out')
})

// account      is read ──────────────── shows what was read?
// elsewhere               └── signed out ──┘
test('an account that is signed out while it is read is not shown as signed in', async () => {
  const { createClient, signIn } = setUp()
  const { store, holdOne } = createGatedStore()
  const elsewhere = createClient({ storage: store })
  const { account } = await signIn(elsewhere)
  await signIn(elsewhere, 'grace', { add: true })
  // Nothing but its own read tells it.
  const auth = createClient({ storage: store }, (options) => createAuthClientIn(createSilentRealm(), options))
  await auth.getSession()
  const reading = holdOne(({ keys, prefixes }) => !prefixes && keys.length === 1 && touches('slot')({ keys }), 'after')
  const ada = auth.account(account)
  expect(ada.getSnapshot().status).toBe('restoring')
  await reading.arrived
  expect((await elsewhere.account(account).signOut()).error).toBeNull()
  reading.release()
  await expect.poll(() => ada.getSnapshot().status).not.toBe('restoring')
  expect(ada.getSnapshot()).toEqual({ status: 'signed-out', reason: null })
})

// React leaves with one function and looks again with another, at each render.
test('who leaves an account only to look again finds it as it was', async () => {
  const { server } = setUp()
  const auth = createInPageClient(server, { storage: memoryStore() })
  const first = auth.account('nobody')
  const off = first.subscribe(() => {})
  await first.getSession()
  expect(first.getSnapshot().status).toBe('signed-out')
  const again = auth.account('nobody')
  off()
  again.subscribe(() => {})
  await Promise.resolve()
  expect(again.getSnapshot().status).toBe('signed-out')
})

test('after the client is disposed an account shows what it showed, and never another one', async () => {
  const { server } = setUp()
  const auth = createInPageClient(server, { storage: memoryStore() })
  await auth.signIn({ user: 'ada' })
  const { account = '' } = (await auth.getSession()).data.session ?? {}
  await auth.signIn({ user: 'grace', add: true })
  const ada = auth.account(account)
  const shown = ada.getSnapshot()
  auth.dispose()
  expect(ada.getSnapshot()).toBe(shown)
  for (const asked of [ada, auth.account(account)]) {
    expect((await asked.getSession()).error?.code).toBe('client_disposed')
    await expect(asked.getAccessToken()).rejects.toMatchObject({ code: 'client_disposed' })
  }
  expect(auth.account('nobody').getSnapshot()).toEqual({ status: 'restoring' })
})
