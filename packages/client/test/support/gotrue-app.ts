import {
  createGoTrueServer,
  type Fault,
  type GoTrueServer,
  type GoTrueServerOptions,
  type Message,
} from '@authflight/testing'
import { setupServer } from 'msw/node'
import { expect, onTestFinished } from 'vitest'
import {
  type AuthClient,
  type AuthError,
  type AuthClientOptions,
  createAuthClient,
  memoryStore,
  type Session,
} from '../../src/index.ts'
import { gotrue, type GoTrueMethods, type GoTrueOptions, type GoTrueSignIn } from '../../src/providers/gotrue.ts'

export type GoTrueClient = AuthClient<GoTrueSignIn> & GoTrueMethods
type Options = Partial<AuthClientOptions<GoTrueSignIn, GoTrueMethods>> & { readonly gotrue?: Partial<GoTrueOptions> }

/** Who has signed up at the server. */
export const ada = { email: 'canary.ada@example.test', password: 'canary_password_ada' } as const
export const grace = { email: 'canary.grace@example.test', password: 'canary_password_grace' } as const

/** A GoTrue server on the network of this test, and what a test needs to be an app of it. Tokens are opaque: nobody waits for signatures. */
export function setUp(options: GoTrueServerOptions = {}) {
  const server = createGoTrueServer({ accessTokenFormat: 'opaque', ...options })
  const network = setupServer(...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())

  function createClient({ gotrue: more, ...rest }: Options = {}, create = createAuthClient): GoTrueClient {
    const { issuer: url, apiKey } = server
    const provider = gotrue({ url, apiKey, redirectTo: 'https://app.example.test/', ...more })
    const auth = create({ provider, storage: memoryStore(), autoRefresh: 'off', redirect: 'manual', ...rest })
    onTestFinished(() => auth.dispose())
    return auth
  }

  return { server, network, createClient }
}

/** Signs in with a password. */
export async function signIn(auth: GoTrueClient, who: typeof ada | typeof grace = ada): Promise<Session> {
  const { data, error } = await auth.signIn({ method: 'password', ...who })
  if (error || !data.session) throw error ?? new Error('No session.')
  return data.session
}

/** The last message that the server has sent. */
export function lastMessage({ messages }: GoTrueServer): Message & { readonly link: string } {
  const message = messages.at(-1)
  if (!message) throw new Error('No message was sent.')
  return { ...message, link: message.link ?? '' }
}

/** An answer with that body in the place of the server's own. */
export const answering = (body: unknown, status = 400): Fault => ({
  name: 'answering',
  apply: async () => Response.json(body, { status }),
})

/** A sentence that says what is wrong, and nothing that a server wrote. */
export function expectSentence(error: AuthError | null): void {
  expect(error?.message).toMatch(/^[A-Z].*\.$/s)
  expect(error?.message).not.toMatch(/canary/)
}
