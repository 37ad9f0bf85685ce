import type { AuthServer } from '@authflight/testing'
import type { AskAboutUser, AuthResult, Provider, User } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'

export interface HouseMethods {
  rename(name: string): Promise<AuthResult<{ readonly user: User | null }>>
}

/**
 * A provider of an app's own, on the server of this test: it asks for the user at the userinfo endpoint, and can rename one. `profile`
 * stands in the place of what a server would keep.
 */
export function createHouseProvider(server: AuthServer): Provider<object, HouseMethods> {
  const base = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  const profile: { name?: string } = {}

  const ask: AskAboutUser = async (accessToken, io, session) => {
    const answer = (await base.user?.(accessToken, io, session)) ?? { kind: 'user', user: null }
    return answer.kind === 'user' && answer.user ? { kind: 'user', user: { ...answer.user, ...profile } } : answer
  }
  const rename =
    (name: string): AskAboutUser =>
    (...asked) => {
      profile.name = name
      return ask(...asked)
    }

  return { ...base, user: ask, methods: ({ changeUser }) => ({ rename: (name) => changeUser(rename(name)) }) }
}
