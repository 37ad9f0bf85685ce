import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readBody } from '../server/http.ts'
import { startPlayground } from '../server/playground.ts'

/** A collector that keeps what it is sent. */
async function startCollector() {
  const received: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer((request, response) => {
    void readBody(request, 10_000_000).then((body) => {
      received.push({ url: request.url, headers: request.headers, body: body.toString() })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { collector: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), received }
}

/** Calls the API of a playground once, and stops it. */
async function callApi(options: Parameters<typeof startPlayground>[0]) {
  const playground = await startPlayground({ port: 0, ...options })
  try {
    expect((await fetch(`${playground.url}/api/items/7`)).status).toBe(401)
  } finally {
    await playground.stop()
  }
}

test('the API’s spans go to the collector with the headers that are for it, and with none of the environment', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-key=of-another')
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-traces-key=of-another')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { collector, received } = await startCollector()

  await callApi({ collector, collectorHeaders: { 'x-account': 'a key' } })
  await callApi({ collector })

  const [withKey, without, ...more] = received
  expect(more).toEqual([])
  for (const one of [withKey, without]) {
    expect(one?.url).toBe('/v1/traces')
    expect(one?.headers['content-type']).toBe('application/json')
    expect(one?.body).toContain('"GET /api/items/:n"')
    expect(JSON.stringify(one?.headers)).not.toContain('of-another')
  }
  expect(withKey?.headers).toMatchObject({ 'x-account': 'a key' })
  expect(without?.headers).not.toHaveProperty('x-account')
})

test('a collector that does not answer keeps no playground from its end', async () => {
  await callApi({ collector: new URL('http://127.0.0.1:1') })
})
