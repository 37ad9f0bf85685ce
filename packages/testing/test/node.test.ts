import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAuthServer, loseAnswer } from '../src/index.ts'
import { serve, type Served } from '../src/node.ts'
import { newRefreshToken } from './token-requests.ts'

const server = createAuthServer({ issuer: 'https://id.example.test/realm' })
let served: Served
beforeAll(async () => {
  served = await serve(server)
})
afterEach(() => server.reset())
afterAll(() => served.close())

const post = async (token: string) =>
  fetch(`${served.url}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: token }),
  })

test('listens on the loopback address only and keeps the path of the issuer', () => {
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/realm$/)
})

test('discovery names the address that it was asked under', async () => {
  const metadata: unknown = await (await fetch(`${served.url}/.well-known/openid-configuration`)).json()
  expect(metadata).toMatchObject({ issuer: served.url, token_endpoint: `${served.url}/token` })
})

test('a page of any origin may ask and read, also with a bearer', async () => {
  const preflight = await fetch(`${served.url}/userinfo`, { method: 'OPTIONS' })
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  const answer = await post(await newRefreshToken(server))
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
})

test('no connection is used twice, for a browser would send the request of a lost answer again by itself', async () => {
  expect((await fetch(`${served.url}/jwks`)).headers.get('connection')).toBe('close')
})

test('a lost answer cuts the connection after the rotation', async () => {
  const token = await newRefreshToken(server)
  server.faults.next(loseAnswer())
  await expect(post(token)).rejects.toThrow(TypeError)
  expect((await post(token)).status).toBe(400)
})

test('close gives the port back while a request still waits, and a port in use is an error', async () => {
  const first = await serve(server)
  const port = Number(new URL(first.url).port)
  await expect(serve(server, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const gate = server.hold({ endpoint: 'jwks' })
  const outcome = fetch(`${first.url}/jwks`).then(
    () => 'answered',
    () => 'cut',
  )
  await gate.arrived
  await first.close()
  expect(await outcome).toBe('cut')
  gate.release()
  await (await serve(server, { port })).close()
})
