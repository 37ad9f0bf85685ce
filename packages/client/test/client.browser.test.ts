import { createAuthServer, redirected } from '@authflight/testing'
import { expireStoredSession } from '@authflight/testing/browser'
import { http, HttpResponse } from 'msw'
import { setupWorker } from 'msw/browser'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AuthClient, createAuthClient, indexedDbStore } from '../src/index.ts'
import { oauth, type OAuthSignIn } from '../src/providers/oauth.ts'
import { deleteDatabase, stayHere } from './support/stay-here.ts'

const server = createAuthServer()
const visited: string[] = []
const worker = setupWorker(
  ...server.handlers,
  http.all('https://elsewhere.example.test/*', ({ request }) => {
    visited.push(request.url)
    return HttpResponse.json({})
  }),
  http.get(`${location.origin}/api/items/:n`, ({ request }) =>
    server.accessOf(request) ? HttpResponse.json({ ok: true }) : new HttpResponse(null, { status: 401 }),
  ),
)
beforeAll(() => worker.start({ quiet: true, onUnhandledFrame: 'bypass' }).then(() => {}))
afterAll(() => worker.stop())
beforeEach(deleteDatabase)
afterEach(() => {
  server.reset()
  visited.length = 0
})

/** A client on the page's own IndexedDB. */
function createClient(): { auth: AuthClient<OAuthSignIn>; leftFor: () => string } {
  const { provider, leftFor } = stayHere(
    oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: `${location.origin}/callback` }),
  )
  const auth = createAuthClient<OAuthSignIn>({
    provider,
    storage: indexedDbStore(),
    autoRefresh: 'off',
    redirect: 'manual',
  })
  onTestFinished(() => auth.dispose())
  return { auth, leftFor }
}

async function signIn({ auth, leftFor }: ReturnType<typeof createClient>) {
  await auth.signIn()
  const { data, error } = await auth.handleRedirect(await server.authorize(leftFor(), { user: 'ada' }))
  expect(error).toBeNull()
  return data.session
}

/** Everything in the store, as text. */
const dump = () => indexedDbStore().transact({ keys: [], prefixes: [''] }, (view) => JSON.stringify(view.list('')))

/** As if the access token had run out: the store says so, the client has looked, the server knows nothing of it. */
async function expireFor(...clients: AuthClient[]): Promise<void> {
  const now = Date.now()
  expect(await expireStoredSession()).toBe(1)
  for (const auth of clients) {
    await expect
      .poll(() => {
        const snapshot = auth.getSnapshot()
        return 'session' in snapshot ? (snapshot.session.expiresAt ?? Infinity) : 0
      })
      .toBeLessThan(now)
  }
}

test('a thousand callers on an expired token make one request and all get the new session', async () => {
  const client = createClient()
  await signIn(client)
  await expireFor(client.auth)

  const results = await Promise.all(Array.from({ length: 1_000 }, () => client.auth.getSession()))

  expect(server.count('refresh_token')).toBe(1)
  expect(results.every(({ data, error }) => error === null && data.session?.revision === 2)).toBe(true)
})

test('a thousand calls of the API on an expired token make one refresh, and all are answered', async () => {
  const client = createClient()
  await signIn(client)
  await expireFor(client.auth)
  const responses = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => client.auth.fetch(`/api/items/${n}`).then(({ status }) => status)),
  )
  expect(new Set(responses)).toEqual(new Set([200]))
  expect(server.count('refresh_token')).toBe(1)
})

test('two clients on one database make one request, and both hold its session', async () => {
  const one = createClient()
  const session = await signIn(one)
  const two = createClient()
  expect((await two.auth.getSession()).data.session?.sessionId).toBe(session?.sessionId)
  await expireFor(one.auth, two.auth)

  const results = await Promise.all(Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? one : two).auth.getSession()))

  expect(server.count('refresh_token')).toBe(1)
  expect(new Set(results.map(({ data }) => data.session?.accessToken)).size).toBe(1)
  expect(results.every(({ data }) => data.session?.revision === 2)).toBe(true)
  expect([one, two].map(({ auth }) => auth.getSnapshot().status)).toEqual(['signed-in', 'signed-in'])
})

test('a sign-out in one client signs the other out, and leaves no token and no identity in the database', async () => {
  const one = createClient()
  await signIn(one)
  const two = createClient()
  await two.auth.getSession()
  await one.auth.signOut()
  await expect.poll(() => two.auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'other_tab' })
  const stored = await dump()
  expect(stored).toContain('tombstone:')
  expect(await server.leaksIn(stored)).toEqual([])
  expect(stored).not.toMatch(/slot:|claim:|attempt:/)
})

test('a sign-out does not wait for a refresh whose answer is on its way, and that answer is discarded', async () => {
  const client = createClient()
  await signIn(client)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = client.auth.refreshSession()
  await gate.arrived
  expect(await client.auth.signOut()).toEqual({ data: { url: null }, error: null })
  gate.release()
  const { data, error } = await refreshing
  expect([data.session, error?.code]).toEqual([null, 'refresh_discarded'])
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('a reload finds who was signed in', async () => {
  const client = createClient()
  const session = await signIn(client)
  client.auth.dispose()
  const again = createClient()
  const { data } = await again.auth.getSession()
  expect(data.session).toEqual(session)
})

test('a token endpoint that redirects is not followed by the browser, and the session stays', async () => {
  const client = createClient()
  await signIn(client)
  server.faults.next(redirected('https://elsewhere.example.test/token'), { grant: 'refresh_token' })
  const { data, error } = await client.auth.refreshSession()
  expect(error?.code).toBe('malformed_response')
  expect(error?.message).toMatch(/redirects/)
  expect(data.session?.revision).toBe(1)
  expect(visited).toEqual([])
})

test('the page’s own origin is allowed without a word, another one is not', async () => {
  const client = createClient()
  await signIn(client)
  expect((await client.auth.fetch('/api/items/1')).status).toBe(200)
  const seen: (string | null)[] = []
  worker.use(
    http.get('https://elsewhere.example.test/me', ({ request }) => {
      seen.push(request.headers.get('authorization'))
      return HttpResponse.json({})
    }),
  )
  await client.auth.fetch('https://elsewhere.example.test/me')
  expect(seen).toEqual([null])
})
