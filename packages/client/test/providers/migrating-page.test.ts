import { readFile } from 'node:fs/promises'
import { busy, createGoTrueServer } from '@authflight/testing'
import { type AuthChangeEvent, createClient, GoTrueClient, type GoTrueClientOptions } from '@supabase/supabase-js'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClient, memoryStore } from '../../src/index.ts'
import { gotrue } from '../../src/providers/gotrue.ts'
import { FakeStorage } from '../support/fake-storages.ts'
import { ada, grace } from '../support/gotrue-app.ts'
import { takeOver } from './migrating-example.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
const project = 'https://abcdefgh.supabase.co'
const storageKey = 'sb-abcdefgh-auth-token'

/** A page in which supabase-js has signed somebody in, and the client that is to go on. */
async function setUp() {
  const apiKey = 'sb_publishable_abc'
  const server = createGoTrueServer({ issuer: `${project}/auth/v1`, apiKey })
  const network = setupServer(...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())
  const storage = new FakeStorage()
  vi.stubGlobal('localStorage', storage)
  onTestFinished(() => void vi.unstubAllGlobals())
  const supabase = createClient(project, apiKey, { auth: { autoRefreshToken: false, storage } })
  expect((await supabase.auth.signInWithPassword(ada)).error).toBeNull()
  expect([...storage.entries.keys()]).toEqual([storageKey])
  const provider = gotrue({ url: server.issuer, apiKey })
  const auth = createAuthClient({ provider, storage: memoryStore(), autoRefresh: 'off' })
  onTestFinished(() => auth.dispose())
  const begun = server.log.length
  const grants = () => server.log.slice(begun).flatMap(({ grant }) => grant ?? [])
  return { server, storage, supabase, auth, grants }
}

test('the page on moving over shows the code that runs here, word for word, and names the key', async () => {
  const page = await read('../../../../docs/migrating.md')
  expect(page).toContain(`\`\`\`ts\n${await read('./migrating-example.ts')}\`\`\``)
  expect(page).toContain('`sb-<ref>-auth-token`')
})

// By their types, so that new ones have to be written down here, and then there.
const options = {
  url: true,
  headers: true,
  storageKey: true,
  detectSessionInUrl: true,
  autoRefreshToken: true,
  persistSession: true,
  storage: true,
  userStorage: true,
  fetch: true,
  flowType: true,
  debug: true,
  lock: true,
  hasCustomAuthorizationHeader: true,
  throwOnError: true,
  lockAcquireTimeout: true,
  skipAutoInitialize: true,
  experimental: true,
} satisfies Record<keyof GoTrueClientOptions, true>
const events = {
  INITIAL_SESSION: true,
  PASSWORD_RECOVERY: true,
  SIGNED_IN: true,
  SIGNED_OUT: true,
  TOKEN_REFRESHED: true,
  USER_UPDATED: true,
  MFA_CHALLENGE_VERIFIED: true,
} satisfies Record<AuthChangeEvent, true>

/** Private ones, which look like any other when they run. */
const inner = [
  'constructor',
  'jwks',
  'jwks_cached_at',
  'isThrowOnErrorEnabled',
  'signInWithEthereum',
  'signInWithSolana',
  'linkIdentityOAuth',
  'linkIdentityIdToken',
  'fetchJwk',
]
const methods = Object.getOwnPropertyNames(GoTrueClient.prototype).filter(
  (name) => !name.startsWith('_') && !inner.includes(name),
)

/** What stands in the left columns of the tables of both pages, and in what is not there. */
async function listNames(): Promise<Set<string>> {
  const pages = await Promise.all(
    ['migrating', 'providers/supabase'].map((page) => read(`../../../../docs/${page}.md`)),
  )
  const told = pages.join('\n').match(/^\| .*? +\||^Not there: [^]*?\n\n/gm) ?? []
  return new Set(told.join(' ').match(/\w+/g))
}

test.each([...methods, 'mfa', 'passkey', 'oauth', 'admin', ...Object.keys(options), ...Object.keys(events)])(
  'what became of `%s` of auth-js is on the page, or on that on Supabase',
  async (name) => {
    expect((await listNames()).has(name)).toBe(true)
  },
)

test.each(['oidc-client-ts', 'auth0-spa-js'])(
  'what stands in the place of calls of %s is there to be called',
  async (library) => {
    const { auth } = await setUp()
    const there = new Set([
      ...Reflect.ownKeys(auth),
      'createAuthClient',
      'oauth',
      'dpop',
      'useAuth',
      'useSession',
      'useUser',
    ])
    const page = await read('../../../../docs/migrating.md')
    const [, section = ''] = new RegExp(`\\n## From ${library}\\n([^]*?)\\n## `).exec(page) ?? []
    const ours = [...section.matchAll(/^\| .*? \| (.*) \|$/gm)].map(([, cell = '']) => cell).join(' ')
    const called = [...ours.matchAll(/(?<=[` ({])(?:auth\.)?(\w+)\(/g)].map(([, name = '']) => name)
    expect(called.length).toBeGreaterThan(10)
    expect(called.filter((name) => !there.has(name))).toEqual([])
  },
)

test('with nobody signed in a refresh is an error there, and none here', async () => {
  const { supabase, auth } = await setUp()
  await supabase.auth.signOut()
  expect((await supabase.auth.refreshSession()).error?.name).toBe('AuthSessionMissingError')
  expect(await auth.refreshSession()).toEqual({ data: { session: null }, error: null })
  expect(await auth.getSession()).toEqual({ data: { session: null }, error: null })
})

test('supabase-js has no `auth` once it is given the token', () => {
  const { auth } = createClient(project, 'sb_publishable_abc', { accessToken: async () => null })
  expect(() => auth.getUser).toThrow('accessToken')
})

test('whoever follows it takes the session of supabase-js over, renews it, and leaves nothing behind', async () => {
  const { server, storage, auth, grants } = await setUp()
  await takeOver(auth, storageKey)
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { user: { email: ada.email } } })
  expect(storage.entries.size).toBe(0)
  expect((await auth.refreshSession()).error).toBeNull()
  expect(grants()).toEqual(['refresh_token'])
  expect(server.liveSessions).toHaveLength(1)
  await takeOver(auth, storageKey)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('a session that is over is taken away, and nobody is signed in', async () => {
  const { server, storage, auth } = await setUp()
  server.revokeSessions()
  vi.setSystemTime(Date.now() + 7_200_000)
  onTestFinished(() => void vi.useRealTimers())
  await takeOver(auth, storageKey)
  expect(auth.getSnapshot().status).toBe('signed-out')
  expect(storage.entries.size).toBe(0)
})

/** A stored session whose token has died while the server was busy: it stays stored. The server is well again. */
async function leaveForNextTime() {
  const { server, storage, auth } = await setUp()
  server.faults.always(busy(), { grant: 'refresh_token' })
  vi.setSystemTime(Date.now() + 7_200_000)
  onTestFinished(() => void vi.useRealTimers())
  await takeOver(auth, storageKey)
  expect([...storage.entries.keys()]).toEqual([storageKey])
  server.faults.clear()
  return { server, storage, auth }
}

test('while the server is busy the session stays where it is, for the next time', async () => {
  const { auth } = await leaveForNextTime()
  await takeOver(auth, storageKey)
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { user: { email: ada.email } } })
})

test('whoever has signed in meanwhile stays: what was left for the next time is taken away, and nobody is signed out', async () => {
  const { server, storage, auth } = await leaveForNextTime()
  await auth.signIn({ method: 'password', ...grace })
  const asked = server.log.length
  await takeOver(auth, storageKey)
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { user: { email: grace.email } } })
  expect(storage.entries.size).toBe(0)
  expect(server.log.length).toBe(asked)
})

// takeOver ── who is it? ───────────── answered
//                        signs out
test('a sign-out meanwhile is one: what it came too late for is taken away, and the next page brings nobody back', async () => {
  const { server, storage, auth } = await setUp()
  const gate = server.hold({ endpoint: 'user' })
  const coming = takeOver(auth, storageKey)
  await gate.arrived
  await auth.signOut()
  gate.release()
  await coming
  expect(storage.entries.size).toBe(0)
  await takeOver(auth, storageKey)
  expect(auth.getSnapshot().status).toBe('signed-out')
})

test('a session that was taken over and signed out is taken away, also where its page was closed in between', async () => {
  const { storage, auth } = await setUp()
  const stored = storage.getItem(storageKey) ?? ''
  await takeOver(auth, storageKey)
  await auth.signOut()
  storage.setItem(storageKey, stored)
  await takeOver(auth, storageKey)
  expect(auth.getSnapshot().status).toBe('signed-out')
  expect(storage.entries.size).toBe(0)
})

test.each(['{', 'null', '{}', 'base64-e30'])(
  'what is no session, as %s, is taken away, and nobody is signed in',
  async (text) => {
    const { storage, auth } = await setUp()
    storage.setItem(storageKey, text)
    await takeOver(auth, storageKey)
    expect(storage.entries.size).toBe(0)
    expect(auth.getSnapshot().status).toBe('signed-out')
  },
)
