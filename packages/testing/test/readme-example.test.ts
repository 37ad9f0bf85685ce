import { createAuthServer, loseAnswer } from '@authflight/testing'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, test } from 'vitest'

const server = createAuthServer({ profile: 'idempotent' })
const network = setupServer(...server.handlers)
beforeAll(() => network.listen())
afterAll(() => network.close())

test('a lost answer does not sign the user out', async () => {
  const { refresh_token: token = '' } = await server.signIn({ user: 'ada' })
  server.faults.next(loseAnswer(), { user: 'ada' })

  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: token })
  await expect(fetch(`${server.issuer}/token`, { method: 'POST', body })).rejects.toThrow(TypeError)
  const answer = await fetch(`${server.issuer}/token`, { method: 'POST', body })

  expect(answer.status).toBe(200)
  expect(server.presentations(token)).toBe(2)
  expect(await server.leaksIn(JSON.stringify(server.log))).toEqual([])
})
