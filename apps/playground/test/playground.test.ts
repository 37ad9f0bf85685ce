import { type IncomingMessage, request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { startPlayground } from '../server/playground.ts'
import { signIn } from './visitor.ts'

test('the page is served under its public name, and any other name leads there', async () => {
  await using playground = await startPlayground({ port: 0 })

  const direct = await fetch(`${playground.url}/some/view?x=1`, {
    redirect: 'manual',
    headers: { accept: 'text/html' },
  })
  const other = await fetch(playground.url.replace('localhost', '127.0.0.1') + '/some/view?x=1', { redirect: 'manual' })

  expect(direct.status).toBe(200)
  expect(direct.headers.get('content-type')).toContain('text/html')
  expect(other.status).toBe(307)
  expect(other.headers.get('location')).toBe(`${playground.url}/some/view?x=1`)
})

test.each([
  ['//evil.example/x', 307, '/x'],
  ['http://[', 400, undefined],
])('a request for %s leads nowhere else', async (path, status, location) => {
  await using playground = await startPlayground({ port: 0 })
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port: playground.port, path }, resolve).once('error', reject).end()
  })
  answer.resume()
  expect(answer.statusCode).toBe(status)
  expect(answer.headers.location).toBe(location && playground.url + location)
})

describe('behind other names, as from a container', () => {
  test('the issuer and every endpoint carry the public name, whatever name asks', async () => {
    await using playground = await startPlayground({
      host: '0.0.0.0',
      port: 0,
      publicUrl: 'https://play.example',
      publicAuthUrl: 'https://id.example',
    })
    expect(playground).toMatchObject({ url: 'https://play.example', issuer: 'https://id.example' })

    const response = await fetch(`http://127.0.0.1:${playground.authPort}/.well-known/openid-configuration`)

    expect(await response.json()).toMatchObject({
      issuer: 'https://id.example',
      authorization_endpoint: 'https://id.example/auth',
      token_endpoint: 'https://id.example/token',
    })
  })

  test('all addresses are listened on, and localhost is the name', async () => {
    await using playground = await startPlayground({ host: '0.0.0.0', port: 0 })
    expect(playground.issuer).toMatch(/^http:\/\/localhost:\d+$/)
    expect((await signIn(playground)).access_token).toBeTypeOf('string')
  })
})

test('two playgrounds run beside each other, each on free ports', async () => {
  await using one = await startPlayground({})
  await using two = await startPlayground({})
  expect(new Set([one.url, one.issuer, two.url, two.issuer]).size).toBe(4)
})

test('a port in use stops the start, and leaves nothing open', async () => {
  await using one = await startPlayground({ port: 0 })
  const port = Number(new URL(one.issuer).port)
  await expect(startPlayground({ port: 0, authPort: port })).rejects.toThrow(`Port ${port} is in use`)
})

test('stopped, it answers nobody, not even those that were waiting', async () => {
  const playground = await startPlayground({ port: 0 })
  const stream = await fetch(`${playground.url}/playground/log/stream`)
  const rest = expect(stream.text()).rejects.toThrow('terminated')

  await playground.stop()

  await rest
  await expect(fetch(`${playground.url}/playground/state`)).rejects.toThrow('fetch failed')
  await expect(fetch(`${playground.issuer}/jwks`)).rejects.toThrow('fetch failed')
})
