import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createAuthServer, loseAnswer } from '../src/index.ts'
import { createOAuthClient } from './oauth-client.ts'

const server = createAuthServer()
const network = setupServer(...server.handlers)
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
afterEach(() => server.reset())
afterAll(() => network.close())

describe('through MSW', () => {
  test('an independent OpenID client discovers, signs in, refreshes, reads the user and revokes', async () => {
    const client = await createOAuthClient(server, fetch)
    const first = await client.signIn('grace')
    const second = await client.refresh(first.refresh_token ?? '')
    expect(second.refresh_token).not.toBe(first.refresh_token)
    await expect(client.userinfo(second.access_token, 'canary_sub_grace')).resolves.toMatchObject({
      name: 'Grace Hopper',
    })

    await client.revoke(second.refresh_token ?? '')
    await expect(client.refresh(second.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
    expect(server.liveGrants).toEqual([])
    expect(server.log.map((entry) => entry.endpoint)).toEqual([
      'discovery',
      'authorization',
      'token',
      'token',
      'userinfo',
      'revocation',
      'token',
    ])
  })

  test('an answer that is lost after the rotation is a network error, and the token counts as presented', async () => {
    const client = await createOAuthClient(server, fetch)
    const { refresh_token: token = '' } = await server.signIn()
    server.faults.next(loseAnswer())
    await expect(client.refresh(token)).rejects.toThrow(TypeError)
    await expect(client.refresh(token)).rejects.toMatchObject({ error: 'invalid_grant' })
    expect(server.presentations(token)).toBe(2)
    expect(server.log.filter((entry) => entry.grantType)).toMatchObject([
      { status: 0, faults: ['lose_answer'], processed: true, reused: false },
      { status: 400, error: 'invalid_grant', reused: true },
    ])
  })
})
