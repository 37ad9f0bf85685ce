import { withoutRefreshToken } from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isAuthRefreshDiscardedError, memoryStore } from '../../src/index.ts'
import { apiOrigin, setUp } from '../support/app.ts'
import { letTokensDie, textOf } from '../support/stores.ts'

test('a caller whose refresh is overtaken by another user’s sign-in never gets that user', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth, 'ada')

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const asked = auth.refreshSession()
  await gate.arrived
  await signIn(auth, 'grace')
  gate.release()
  const { data, error } = await asked

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
  expect((await auth.getSession()).data.session?.user?.name).toBe('Grace Hopper')
})

test('a request that was refused is not sent again with another user’s token', async () => {
  const { server, network, createClient, signIn } = setUp()
  const auth = createClient({ fetchOrigins: [apiOrigin] })
  const bodies: { body: string; user: string | undefined }[] = []
  network.use(
    http.post(`${apiOrigin}/orders`, async ({ request }) => {
      const access = server.accessOf(request)
      bodies.push({ body: await request.clone().text(), user: access?.user.login })
      return access ? new HttpResponse() : new HttpResponse(null, { status: 401 })
    }),
  )
  await signIn(auth, 'ada')
  server.expireAccessTokens({ user: 'ada' })

  const gate = server.hold({ grant: 'refresh_token', user: 'ada' })
  const ordered = auth.fetch(`${apiOrigin}/orders`, { method: 'POST', body: 'of ada' })
  await gate.arrived
  await signIn(auth, 'grace')
  gate.release()
  const response = await ordered

  expect(response.status).toBe(401)
  expect(bodies).toEqual([{ body: 'of ada', user: undefined }])
})

test('an answer about another subject is not committed', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient({ storage: memoryStore() })
  const before = await signIn(auth, 'ada')
  const other = await server.signIn({ user: 'grace' })
  const { alterAnswer } = await import('@authflight/testing')
  server.faults.next(
    alterAnswer((body) => ({ ...body, ...other })),
    { grant: 'refresh_token' },
  )

  const { data, error } = await auth.refreshSession()

  expect(error?.code).toBe('malformed_response')
  expect(data.session?.user?.id).toBe(before.user?.id)
  expect(data.session?.accessToken).toBe(before.accessToken)
})

test.each(['first', 'last'])(
  'of two clients with stores of their own on one callback, the one that began the sign-in gets it: it asks %s',
  async (place) => {
    const { server, createClient } = setUp()
    const [mine, others] = [memoryStore(), memoryStore()]
    const beginner = createClient({ storage: mine })
    const stranger = createClient({ storage: others })
    const { data } = await beginner.signIn()
    const callback = await server.authorize(data.url ?? '', { user: 'ada' })

    const inTurn = place === 'first' ? [beginner, stranger] : [stranger, beginner]
    const answers = new Map(inTurn.map((auth) => [auth, auth.handleRedirect(callback)]))

    expect((await answers.get(beginner))?.data.session?.user?.name).toBe('Ada Lovelace')
    expect((await answers.get(stranger))?.data.session).toBeNull()
    expect(stranger.getSnapshot().status).toBe('signed-out')
    expect(await textOf(others)).toBe('[]')
  },
)

/** Nothing tells a client of this test what another one has stored: it finds out when it reads. */
function withoutNotices(): void {
  vi.stubGlobal('BroadcastChannel', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
}

test('who asks while ada is shown never gets the user whom the read of a store without notices brings up', async () => {
  withoutNotices()
  const { server, network, createClient, signIn } = setUp()
  const storage = { ...memoryStore(), notifies: false }
  const auth = createClient({ storage, fetchOrigins: [apiOrigin] })
  const other = createClient({ storage })
  const sentFor: (string | undefined)[] = []
  network.use(
    http.post(`${apiOrigin}/orders`, ({ request }) => {
      sentFor.push(server.accessOf(request)?.user.login)
      return new HttpResponse()
    }),
  )
  await signIn(auth, 'ada')
  await signIn(other, 'grace')
  const [asked] = await Promise.all([
    auth.getSession(),
    auth.fetch(`${apiOrigin}/orders`, { method: 'POST' }).catch(() => null),
  ])

  expect(asked.data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(asked.error) && asked.error.reason).toBe('replaced')
  expect(sentFor).not.toContain('grace')
  expect((await auth.getSession()).data.session?.user?.name).toBe('Grace Hopper')
})

test('who asks for a session that nothing can renew never gets the user who took its place', async () => {
  withoutNotices()
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  server.faults.next(withoutRefreshToken(), { grant: 'authorization_code' })
  await signIn(createClient({ storage }), 'ada')
  await letTokensDie(storage)
  const auth = createClient({ storage })
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
  await signIn(createClient({ storage }), 'grace')

  const { data, error } = await auth.getSession()

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
})
