import { alterAnswer } from '@authflight/testing'
import { expect, test, vi } from 'vitest'
import type { AuthErrorCode } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { type Body, withClaims } from '../support/id-tokens.ts'

type Change = (body: Body) => Body
const { oldAuthentication, otherClient, nobody } = {
  oldAuthentication: withClaims((claims) => ({ ...claims, auth_time: Number(claims.iat) - 3_800 })),
  otherClient: withClaims((claims) => ({ ...claims, aud: 'canary_other' })),
  nobody: withClaims((claims) => ({ ...claims, sub: undefined, aud: 'canary_other' })),
} satisfies Record<string, Change>

/** A client whose next sign-in is answered so that it is refused. */
function setUpRefusals() {
  const app = setUp()
  const auth = app.createClient({ oauth: { scope: 'openid offline_access' } })

  async function refuse(change: Change, user = 'ada'): Promise<AuthErrorCode | undefined> {
    const { data } = await auth.signIn({ add: true, queryParams: { max_age: '300' } })
    app.server.faults.next(alterAnswer(change), { grant: 'authorization_code' })
    const { error } = await auth.handleRedirect(await app.server.authorize(data.url ?? '', { user }))
    return error?.code
  }

  return { ...app, auth, refuse }
}

test.each<[because: string, change: Change, code: AuthErrorCode]>([
  ['the user had authenticated too long before', oldAuthentication, 'provider_invalid'],
  ['its ID token is for another client', otherClient, 'malformed_response'],
  ['there is no ID token', (body) => ({ ...body, id_token: undefined }), 'malformed_response'],
])('what was granted to a sign-in is revoked where %s', async (_, change, code) => {
  const { server, auth, refuse } = setUpRefusals()
  expect(await refuse(change)).toBe(code)
  expect(auth.getSnapshot().status).toBe('signed-out')
  await vi.waitFor(() => expect(server.liveSessions).toEqual([]))
})

test('it is kept as well where the name of that somebody has letters beyond ASCII', async () => {
  const { server, auth, refuse } = setUpRefusals()
  const named: Change = withClaims((claims) => ({ ...claims, sub: 'jürgen' }))
  const { data } = await auth.signIn()
  server.faults.next(alterAnswer(named), { grant: 'authorization_code' })
  expect((await auth.handleRedirect(await server.authorize(data.url ?? ''))).data.session?.user?.id).toBe('jürgen')
  await refuse((body) => oldAuthentication(named(body)))
  await refuse(oldAuthentication, 'grace')
  await vi.waitFor(() => expect(server.liveSessions).toEqual(['session-1', 'session-2']))
})

test('it is kept where that could end the grant of somebody who is signed in here, and revoked where it is another one’s', async () => {
  const { server, auth, signIn, refuse } = setUpRefusals()
  await signIn(auth, 'ada')
  await refuse(oldAuthentication, 'ada')
  await refuse(nobody, 'grace')
  await refuse(oldAuthentication, 'grace')
  await vi.waitFor(() => expect(server.liveSessions).toEqual(['session-1', 'session-2', 'session-3']))
  expect((await auth.refreshSession()).error).toBeNull()
})
