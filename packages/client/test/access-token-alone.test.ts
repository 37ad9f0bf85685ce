import { alterAnswer, oauthFailure, withoutRefreshToken } from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { apiOrigin, setUp } from './support/app.ts'
import { setUp as setUpGoTrue, signIn as signInGoTrue } from './support/gotrue-app.ts'
import { urlOf } from './support/openid-provider.ts'

/** A user without a refresh token, at a server where nobody is asked who it is. */
async function setUpAlone() {
  const { server, createClient, signIn } = setUp({ accessTokenFormat: 'opaque' })
  const storage = memoryStore()
  const auth = createClient({ storage, oauth: { scope: 'api' } })
  server.faults.next(withoutRefreshToken(), { grant: 'authorization_code' })
  const { accessToken } = await signIn(auth)
  const ask = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${accessToken}` }
    return (await fetch(`${server.issuer}/userinfo`, { headers })).status
  }
  /** Where was asked from here on: what a test waits for takes longer than a revocation takes to leave. */
  const asked: string[] = []
  const { fetch: plain } = globalThis
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    asked.push(new URL(urlOf(input)).pathname)
    return plain(input, init)
  })
  onTestFinished(() => void vi.restoreAllMocks())
  return { storage, auth, accessToken, ask, asked, signIn }
}

test('is taken back at a sign-out', async () => {
  const { auth, ask, asked } = await setUpAlone()
  expect(await ask()).toBe(200)
  await auth.signOut()
  await expect.poll(ask).toBe(401)
  expect(asked).toContain('/revoke')
})

test('ends its session where a server refuses it, however long it was to live', async () => {
  const { server, network, createClient, signIn } = setUp()
  network.use(http.get(`${apiOrigin}/me`, () => new HttpResponse(null, { status: 401 })))
  const auth = createClient({ fetchOrigins: [apiOrigin] })
  server.faults.next(withoutRefreshToken(), { grant: 'authorization_code' })
  await signIn(auth)
  expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(401)
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'expired' })
})

test('that is for an API alone is kept, though the server says to none but the API who it is of', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  server.faults.next(withoutRefreshToken(), { grant: 'authorization_code' })
  server.faults.always(oauthFailure('invalid_token', { status: 401 }), { endpoint: 'userinfo' })
  await signIn(auth)
  const { data, error } = await auth.getUser()
  expect(error).toMatchObject({ code: 'server_error', status: 401, message: expect.stringMatching(/session is kept/) })
  expect(data.user?.name).toBe('Ada Lovelace')
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('whose end nobody knows ends where the server that gave it refuses it', async () => {
  const { server, createClient, signIn } = setUp({ accessTokenFormat: 'opaque' })
  const auth = createClient()
  server.faults.next(
    alterAnswer((body) => ({ ...body, refresh_token: undefined, expires_in: undefined })),
    { grant: 'authorization_code' },
  )
  server.faults.always(oauthFailure('invalid_token', { status: 401 }), { endpoint: 'userinfo' })
  await signIn(auth)
  expect((await auth.getUser()).error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'expired' })
})

test('is served as it is, and who wants it renewed is told why it is not and what to do', async () => {
  const { auth, accessToken, asked } = await setUpAlone()
  const { session } = (await auth.getSession()).data
  const forced = await auth.refreshSession()
  expect(forced.data.session).toBe(session)
  expect(forced.error).toMatchObject({ code: 'unsupported', message: expect.stringMatching(/`offline_access`/) })

  expect(await auth.getSession()).toEqual({ data: { session }, error: null })
  await expect(auth.getAccessToken()).resolves.toBe(accessToken)
  expect((await auth.exportSession()).error).toBeNull()
  expect(auth.getSnapshot()).toEqual({ status: 'signed-in', session })
  expect(asked).toEqual([])
})

test('is taken back where another sign-in replaces its session', async () => {
  const { auth, ask, signIn } = await setUpAlone()
  await signIn(auth, 'grace')
  await expect.poll(ask).toBe(401)
})

test('stays good where the session that replaces it holds the very same', async () => {
  const { auth, accessToken, ask, asked } = await setUpAlone()
  for (const _ of [1, 2]) expect((await auth.setSession({ accessToken })).error).toBeNull()
  expect(await ask()).toBe(200)
  expect(asked).not.toContain('/revoke')
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { accessToken } })
})

test('stays good where an attempt with it was forgotten: a session may hold it since', async () => {
  const { storage, auth, accessToken, ask, asked } = await setUpAlone()
  await storage.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
    for (const [key, record] of view.list('slot:')) {
      const [, name] = key.split(':')
      view.put(`attempt:${name}:old`, { ...(record as object), begun: 0 })
    }
  })
  await auth.signIn({ add: true })
  expect(await ask()).toBe(200)
  expect(asked).not.toContain('/revoke')
  await expect(auth.getAccessToken()).resolves.toBe(accessToken)
})

// A page whose server keeps the refresh token. GoTrue ends the whole session by any of its access tokens.
test.each(['the next access token', 'the whole session'])(
  'ends nothing where %s of the same session takes its place',
  async (what) => {
    const { server, createClient } = setUpGoTrue()
    const [holder, page] = [createClient(), createClient()]
    const { accessToken, expiresAt } = await signInGoTrue(holder)
    expect((await page.setSession({ accessToken, expiresAt })).error).toBeNull()
    const { data } = await holder.refreshSession()
    const next = { accessToken: data.session?.accessToken ?? '', expiresAt: data.session?.expiresAt ?? null }
    const whole = (await holder.exportSession()).data.tokens
    const sent = vi.spyOn(globalThis, 'fetch')
    onTestFinished(() => void vi.restoreAllMocks())
    expect((await page.setSession(what === 'the whole session' ? (whole ?? next) : next)).error).toBeNull()
    await new Promise((resolve) => setTimeout(resolve, 100))

    expect(sent.mock.calls.filter(([input]) => urlOf(input).includes('/logout'))).toEqual([])
    expect(server.liveSessions).toHaveLength(1)
  },
)
