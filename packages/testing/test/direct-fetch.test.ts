import { afterEach, expect, test } from 'vitest'
import { createAuthServer } from '../src/index.ts'
import { newRefreshToken, sendRefresh } from './token-requests.ts'

const server = createAuthServer()
afterEach(() => server.reset())

test('an aborted request rejects with the reason, and the server goes on with it', async () => {
  const token = await newRefreshToken(server)
  const gate = server.hold()
  const reason = new Error('enough')
  const request = new AbortController()
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: token })
  const answer = server.fetch(`${server.issuer}/token`, { method: 'POST', body, signal: request.signal })
  await gate.arrived
  request.abort(reason)
  await expect(answer).rejects.toBe(reason)
  gate.release()
  expect((await sendRefresh(server, token)).status).toBe(400)
  expect(server.log).toMatchObject([{ processed: true }, { reused: true }])
})

test('a request aborted before it is sent never reaches the server', async () => {
  const signal = AbortSignal.abort()
  await expect(server.fetch(`${server.issuer}/jwks`, { signal })).rejects.toThrow('aborted')
  expect(server.log).toEqual([])
})
