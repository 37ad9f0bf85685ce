import { alterAnswer, createAuthServer } from '@authflight/testing'
import { setupServer } from 'msw/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createAuthClient, memoryStore, type Store } from '../src/index.ts'
import { oauth } from '../src/providers/oauth.ts'

const redirectUri = 'https://app.example.test/'

/** An app at two servers, as one has that moved from the first to the second: its clients have one store and the same name. */
function setUpTwo({ clientIds = ['spa', 'spa'] } = {}) {
  const [one, other] = [
    createAuthServer({ issuer: 'https://one.example.test', clientIds }),
    createAuthServer({ issuer: 'https://other.example.test', clientIds }),
  ]
  const network = setupServer(...one.handlers, ...other.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())
  const storage = memoryStore()
  const clientOf = (issuer: string, clientId = 'spa', store: Store = storage) => {
    const auth = createAuthClient({
      provider: oauth({ issuer, clientId, redirectUri }),
      storage: store,
      autoRefresh: 'off',
      redirect: 'manual',
    })
    onTestFinished(() => auth.dispose())
    return auth
  }
  return { one, other, clientOf }
}

type Server = ReturnType<typeof createAuthServer>
type Client = ReturnType<ReturnType<typeof setUpTwo>['clientOf']>

async function signIn(auth: Client, server: Server): Promise<void> {
  const { data } = await auth.signIn()
  expect((await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))).error).toBeNull()
}

describe('clients of two servers, with one store and one name', () => {
  test('serve no session of the other server, and send it no token', async () => {
    const { one, other, clientOf } = setUpTwo()
    await signIn(clientOf(one.issuer), one)
    const moved = clientOf(other.issuer)
    expect((await moved.getSession()).data.session).toBeNull()
    expect((await moved.accounts()).data.accounts).toEqual([])
    await moved.refreshSession()
    expect(other.log.filter(({ endpoint }) => endpoint === 'token')).toEqual([])
    expect((await clientOf(one.issuer).refreshSession()).data.session?.revision).toBe(2)
  })

  test('both stay signed in: each shows its own', async () => {
    const { one, other, clientOf } = setUpTwo()
    await signIn(clientOf(one.issuer), one)
    await signIn(clientOf(other.issuer), other)
    expect((await clientOf(one.issuer).refreshSession()).error).toBeNull()
    expect((await clientOf(other.issuer).refreshSession()).error).toBeNull()
  })

  test('exchange no code of the other server, though the callback does not name its sender', async () => {
    const { one, other, clientOf } = setUpTwo()
    // A server that promised to name itself in each callback would be missed there.
    const promise = { authorization_response_iss_parameter_supported: undefined }
    for (const { faults } of [one, other])
      faults.always(
        alterAnswer((body) => ({ ...body, ...promise })),
        { endpoint: 'discovery' },
      )
    const { data } = await clientOf(one.issuer).signIn()
    const callback = new URL(await one.authorize(data.url ?? '', { user: 'ada' }))
    callback.searchParams.delete('iss')
    const asked = await clientOf(other.issuer).handleRedirect(callback.href)
    expect(asked.data.session).toBeNull()
    expect(other.log.filter(({ endpoint }) => endpoint === 'token')).toEqual([])
  })
})

test('two clients of one server have sessions of their own: neither refreshes with the other one’s id', async () => {
  const { one, clientOf } = setUpTwo({ clientIds: ['spa', 'admin'] })
  await signIn(clientOf(one.issuer, 'spa'), one)
  const admin = clientOf(one.issuer, 'admin')
  expect((await admin.getSession()).data.session).toBeNull()
  await signIn(admin, one)
  for (const id of ['spa', 'admin']) expect((await clientOf(one.issuer, id).refreshSession()).error).toBeNull()
})
