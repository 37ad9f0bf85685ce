import { createAuthServer } from '@authflight/testing'
import { expireStoredSession } from '@authflight/testing/browser'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type * as client from '../../src/index.ts'
import { type AuthClient, indexedDbStore, type Session, type Store } from '../../src/index.ts'
import type * as oauth from '../../src/providers/oauth.ts'
import { deleteDatabase, stayHere } from '../support/stay-here.ts'

/** What a tab has loaded: a copy of every module of its own, so that nothing but the browser's database is shared. */
interface Copy {
  readonly client: typeof client
  readonly oauth: typeof oauth
}
interface Tab {
  readonly auth: AuthClient<oauth.OAuthSignIn>
  readonly leftFor: () => string
}

const clientAt = new URL('../../src/index.ts', import.meta.url).href
const oauthAt = new URL('../../src/providers/oauth.ts', import.meta.url).href
const page = `<!doctype html><script type="module">
import * as client from ${JSON.stringify(clientAt)}
import * as oauth from ${JSON.stringify(oauthAt)}
window.copy = { client, oauth }
</script>`

/** Strict: a token that is presented twice ends the session, so every failure of the claim shows. */
const server = createAuthServer({ profile: 'strict' })

beforeEach(async () => {
  await deleteDatabase()
  server.reset()
})

/** A page of this origin with its own copy of the client, on the database of the browser. */
async function openTab(adaptStore: (store: Store) => Store = (store) => store): Promise<Tab> {
  const frame = document.createElement('iframe')
  const address = URL.createObjectURL(new Blob([page], { type: 'text/html' }))
  frame.src = address
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
  document.body.append(frame)
  await loaded
  URL.revokeObjectURL(address)

  const tab = frame.contentWindow as Window & { copy?: Copy; Response: typeof Response; fetch: typeof fetch }
  await expect.poll(() => tab.copy).toBeDefined()
  const { createAuthClient, indexedDbStore: store } = (tab.copy as Copy).client
  // The network of this tab is the test's server. An answer has to be one of the tab's own realm.
  tab.fetch = async (input, init) => {
    const answer = await server.fetch(input, init)
    return new tab.Response(await answer.arrayBuffer(), { status: answer.status, headers: [...answer.headers] })
  }

  const { provider, leftFor } = stayHere(
    (tab.copy as Copy).oauth.oauth({
      issuer: server.issuer,
      clientId: 'spa',
      redirectUri: `${location.origin}/callback`,
    }),
  )
  const auth = createAuthClient<oauth.OAuthSignIn>({
    provider,
    storage: adaptStore(store()),
    autoRefresh: 'off',
    redirect: 'manual',
  })
  onTestFinished(() => {
    auth.dispose()
    frame.remove()
  })
  return { auth, leftFor }
}

/** A later version, which keeps something in each slot that this one has never heard of. */
const later = (store: Store): Store => ({
  ...store,
  transact: (scope, change) =>
    store.transact(scope, (view) =>
      change({
        ...view,
        put: (key, value) => view.put(key, key.startsWith('slot:') ? { ...value, later: 'kept' } : value),
      }),
    ),
})

async function signIn({ auth, leftFor }: Tab): Promise<void> {
  await auth.signIn()
  const { error } = await auth.handleRedirect(await server.authorize(leftFor(), { user: 'ada' }))
  expect(error).toBeNull()
}

const sessionOf = ({ auth }: Tab): Session | null => {
  const snapshot = auth.getSnapshot()
  return 'session' in snapshot ? snapshot.session : null
}
const revisionOf = (tab: Tab): number | null => sessionOf(tab)?.revision ?? null

const storedSlots = () =>
  indexedDbStore().transact({ keys: [], prefixes: ['slot:'] }, (view) => view.list('slot:').map(([, slot]) => slot))

/** As if the access token had run out: the store says so, both have looked, the server knows nothing of it. */
async function expire(...tabs: readonly Tab[]): Promise<void> {
  expect(await expireStoredSession()).toBe(1)
  for (const { auth } of tabs) {
    await expect
      .poll(() => {
        const snapshot = auth.getSnapshot()
        return 'session' in snapshot && (snapshot.session.expiresAt ?? Infinity) < Date.now()
      })
      .toBe(true)
  }
}

test('two copies of the client, one of a later version, make one request at each of 20 simultaneous expiries', async () => {
  const tabs = [await openTab(), await openTab(later)] as const
  await signIn(tabs[0])
  await expect.poll(() => tabs.map(revisionOf)).toEqual([1, 1])

  for (let round = 1; round <= 20; round += 1) {
    await expire(...tabs)
    const answers = await Promise.all(tabs.map(({ auth }) => auth.getSession()))
    expect(answers.map(({ data, error }) => [data.session?.revision, error])).toEqual([
      [round + 1, null],
      [round + 1, null],
    ])
    expect(server.count('refresh_token')).toBe(round)
  }
  expect(server.count((entry) => entry.reused)).toBe(0)
  expect(server.liveSessions).toHaveLength(1)
})

test('what a later version keeps in a slot survives the refreshes of this one', async () => {
  const [present, future] = [await openTab(), await openTab(later)]
  await signIn(future)
  await expect.poll(() => revisionOf(present)).toBe(1)
  expect((await present.auth.refreshSession()).error).toBeNull()
  expect(await storedSlots()).toEqual([expect.objectContaining({ v: 1, revision: 2, later: 'kept' })])
})

test('a sign-out in one copy beats the refresh under way in the other, whichever is the later version', async () => {
  for (const [first, second] of [
    [await openTab(), await openTab(later)],
    [await openTab(later), await openTab()],
  ] as const) {
    await signIn(first)
    // Not the session of the round before, which was signed out elsewhere a moment ago: to end that would end nothing of this one.
    const { sessionId } = sessionOf(first) ?? {}
    await expect.poll(() => sessionOf(second)?.sessionId).toBe(sessionId)
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshed = first.auth.refreshSession()
    await gate.arrived
    expect((await second.auth.signOut()).error).toBeNull()
    gate.release()
    expect((await refreshed).error).toMatchObject({ code: 'refresh_discarded', reason: 'signed_out' })
    expect(await storedSlots()).toEqual([])
    expect(first.auth.getSnapshot()).toMatchObject({ status: 'signed-out', reason: 'other_tab' })
    await expect.poll(() => server.liveSessions).toEqual([])
  }
})
