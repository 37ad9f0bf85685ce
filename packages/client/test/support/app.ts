import { type AuthServer, type AuthServerOptions, createAuthServer } from '@authflight/testing'
import { setupServer } from 'msw/node'
import { onTestFinished } from 'vitest'
import {
  type AuthClient,
  type AuthClientOptions,
  createAuthClient,
  memoryStore,
  type Session,
} from '../../src/index.ts'
import { oauth, type OAuthOptions, type OAuthSignIn } from '../../src/providers/oauth.ts'
import type { SignInOptions } from '../../src/providers/provider.ts'
import { namespaceOf } from '../../src/slot/slot.ts'

export type Client = AuthClient<OAuthSignIn>
type Options = Partial<AuthClientOptions<OAuthSignIn>> & { readonly oauth?: Partial<OAuthOptions> }

/** What a client of `setUp` keeps its records under. */
export const namespace = namespaceOf('default', { authority: 'https://id.example.test/', clientId: 'spa' })

/** An authorization server on the network of this test, and what a test needs to be an app of it. */
export function setUp(options: AuthServerOptions = {}) {
  const server = createAuthServer(options)
  const network = setupServer(...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())

  /** A client of its own, with a memory store unless told. Disposed with the test. */
  function createClient({ oauth: more, ...rest }: Options = {}, create = createAuthClient): Client {
    const provider = oauth({
      issuer: server.issuer,
      clientId: 'spa',
      redirectUri: 'https://app.example.test/',
      ...more,
    })
    const auth = create({ provider, storage: memoryStore(), autoRefresh: 'off', redirect: 'manual', ...rest })
    onTestFinished(() => auth.dispose())
    return auth
  }

  /** Signs a user in through the client, by the authorization endpoint and back. */
  async function signIn(auth: Client, user = 'ada', options: SignInOptions = {}): Promise<Session> {
    const { data, error } = await auth.signIn(options)
    if (error || data.url === null) throw error ?? new Error('No address to sign in at.')
    const returned = await auth.handleRedirect(await server.authorize(data.url, { user }))
    if (returned.error || !returned.data.session) throw returned.error ?? new Error('No session.')
    return returned.data.session
  }

  return { server, network, createClient, signIn }
}

/** An API's client: its origin is allowed, and it answers by the token's being good. */
export const apiOrigin = 'https://api.example.test'

export function refreshTokenIds(server: AuthServer): (string | null)[] {
  return server.log.filter((entry) => entry.grant === 'refresh_token').map((entry) => entry.token)
}

/** A forced refresh whose answer finds what has happened `meanwhile`, such as a store that fails by then. */
export async function refreshMeanwhile(
  { hold }: Pick<ReturnType<typeof setUp>['server'], 'hold'>,
  { refreshSession }: Pick<ReturnType<ReturnType<typeof setUp>['createClient']>, 'refreshSession'>,
  meanwhile: () => void,
): ReturnType<typeof refreshSession> {
  const gate = hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = refreshSession()
  await gate.arrived
  meanwhile()
  gate.release()
  return refreshing
}
