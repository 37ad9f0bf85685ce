import type { AuthServer } from '@authflight/testing'
import { onTestFinished } from 'vitest'
import { type AuthClientOptions, createAuthClient, memoryStore } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'
import type { AskAboutUser, Provider, TokenSet } from '../../src/providers/provider.ts'
import type { User } from '../../src/base/session.ts'
import type { AuthResult } from '../../src/base/errors.ts'

export interface InPageSignIn {
  readonly user: string
}

export interface InPageMethods {
  /** Answers when `reply` has. */
  updateUser(change: Partial<User>, reply?: Promise<unknown>): Promise<AuthResult<{ readonly user: User | null }>>
}

/**
 * A provider that signs in without leaving the page, as one with passwords does, and that changes users. `waits` is asked before each
 * sign-in is answered.
 */
export function createInPageProvider(
  server: AuthServer,
  waits: () => Promise<unknown> = async () => {},
): Provider<InPageSignIn, InPageMethods> {
  const base = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  /** What was changed of users since, as the server knows them. */
  const changed: Partial<User> = {}
  const whoIs: AskAboutUser = async (...asked) => {
    const now = { ...changed }
    const answer = (await base.user?.(...asked)) ?? { kind: 'user', user: null }
    return answer.kind === 'user' && answer.user ? { kind: 'user', user: { ...answer.user, ...now } } : answer
  }
  return {
    ...base,
    user: whoIs,
    async signIn({ user }) {
      const tokens = await tokensOf(server, user)
      await waits()
      return { kind: 'tokens', tokens }
    },
    methods: ({ changeUser }) => ({
      updateUser: (change, reply) =>
        changeUser(async (...asked) => {
          Object.assign(changed, change)
          const answer = await whoIs(...asked)
          await reply
          return answer
        }),
    }),
  }
}

/** A client of such a provider, disposed with the test. */
export function createInPageClient(
  server: AuthServer,
  options: Partial<AuthClientOptions<InPageSignIn, InPageMethods>> = {},
) {
  const auth = createAuthClient({
    provider: createInPageProvider(server),
    storage: memoryStore(),
    autoRefresh: 'off',
    redirect: 'manual',
    ...options,
  })
  onTestFinished(() => auth.dispose())
  return auth
}

async function tokensOf(server: AuthServer, login: string): Promise<TokenSet> {
  const answer = await server.signIn({ user: login })
  const user = server.users.find((one) => one.login === login)
  if (!user) throw new TypeError(`Nobody is called ${login}.`)
  const { sub: id, name, email } = user
  return {
    accessToken: answer.access_token,
    tokenType: 'bearer',
    expiresIn: answer.expires_in,
    refreshToken: answer.refresh_token ?? null,
    refreshExpiresIn: null,
    scopes: null,
    user: { id, name, email, claims: {} },
  }
}
