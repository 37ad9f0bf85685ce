import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { apiOrigin, refreshTokenIds, setUp } from './support/app.ts'
import { letTokensDie } from './support/stores.ts'

/** Ada, and Grace beside her, who is shown; and an API that notes who asks. `dead`: their access tokens have run out. */
async function setUpAccounts({ dead = false } = {}) {
  const { server, network, createClient, signIn } = setUp()
  const asked: (string | null)[] = []
  network.use(
    http.all(`${apiOrigin}/*`, ({ request }) => {
      const access = server.accessOf(request)
      asked.push(access?.user.login ?? (request.headers.has('authorization') ? 'refused' : null))
      return HttpResponse.json({ user: access?.user.login ?? null }, { status: access ? 200 : 401 })
    }),
  )
  const storage = memoryStore()
  const options = { storage, fetchOrigins: [apiOrigin] }
  const first = createClient(options)
  const { account } = await signIn(first, 'ada')
  await signIn(first, 'grace', { add: true })
  if (dead) await letTokensDie(storage)
  const auth = dead ? createClient(options) : first
  return { server, auth, ada: auth.account(account), asked }
}

describe('the fetch of an account', () => {
  test('asks as that account, whoever is shown', async () => {
    const { auth, ada, asked } = await setUpAccounts()
    expect(await (await ada.fetch(`${apiOrigin}/me`)).json()).toEqual({ user: 'ada' })
    expect(await (await auth.fetch(`${apiOrigin}/me`)).json()).toEqual({ user: 'grace' })
    expect(asked).toEqual(['ada', 'grace'])
  })

  test('renews that account after a 401, and no other', async () => {
    const { server, ada, asked } = await setUpAccounts()
    server.expireAccessTokens()
    expect(await (await ada.fetch(`${apiOrigin}/me`, { method: 'PUT', body: 'text' })).json()).toEqual({ user: 'ada' })
    expect(asked).toEqual(['refused', 'ada'])
    expect(refreshTokenIds(server)).toEqual(['refresh-1'])
  })

  test('of an API that refuses every token costs one refresh, also where the account is asked for each time', async () => {
    const { server, network, createClient, signIn } = setUp()
    network.use(http.get(`${apiOrigin}/me`, () => new HttpResponse(null, { status: 401 })))
    const auth = createClient({ fetchOrigins: [apiOrigin] })
    const { account } = await signIn(auth)
    server.setAccessTokenTtl(3_600)
    for (let n = 0; n < 3; n += 1) await auth.account(account).fetch(`${apiOrigin}/me`)
    expect(server.count('refresh_token')).toBe(1)
  })

  test('sends nobody’s token once the account is signed out', async () => {
    const { auth, ada, asked } = await setUpAccounts()
    await ada.signOut()
    expect((await ada.fetch(`${apiOrigin}/me`)).status).toBe(401)
    expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(200)
    expect(asked).toEqual([null, 'grace'])
  })

  test('gives the token to allowed origins only', async () => {
    const { server, ada } = await setUpAccounts({ dead: true })
    await ada.fetch(`${server.issuer}/.well-known/openid-configuration`)
    expect(server.count('refresh_token')).toBe(0)
  })
})

describe.each(['auth', 'ada'] as const)('a caller of %s.fetch who leaves while a dead token is renewed', (whose) => {
  test.each([
    ['by its signal', (ask: typeof fetch, signal: AbortSignal) => ask(`${apiOrigin}/me`, { signal })],
    [
      'by that of its Request',
      (ask: typeof fetch, signal: AbortSignal) => ask(new Request(`${apiOrigin}/me`, { signal })),
    ],
  ])('%s gets its own reason, and sends nothing; the refresh goes on for others', async (_, leave) => {
    const { server, asked, ...clients } = await setUpAccounts({ dead: true })
    const { fetch } = clients[whose]
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const leaving = new AbortController()
    const left = leave(fetch, leaving.signal)
    const stays = fetch(`${apiOrigin}/other`)
    await gate.arrived
    const reason = new Error('Not any more.')
    leaving.abort(reason)
    await expect(left).rejects.toBe(reason)
    expect(asked).toEqual([])
    gate.release()
    expect((await stays).status).toBe(200)
    expect(asked).toEqual([whose === 'ada' ? 'ada' : 'grace'])
    expect(server.count('refresh_token')).toBe(1)
  })
})
