import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBody } from '../server/http.ts'
import { type Playground, startPlayground } from '../server/playground.ts'

let playground: Playground
const collectorHeaders = { 'x-account': 'a key' }
let received: { url: string | undefined; headers: IncomingHttpHeaders; body: Buffer }

const collector = createServer((request, response) => {
  void readBody(request, 10_000_000).then((body) => {
    received = { url: request.url, headers: request.headers, body }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(Buffer.from([10, 0]))
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const { port } = collector.address() as AddressInfo
  playground = await startPlayground({ port: 0, collector: new URL(`http://127.0.0.1:${port}`), collectorHeaders })
})

afterAll(async () => {
  await playground.stop()
  await new Promise((resolve) => collector.close(resolve))
})

const send = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string>, to = playground, signal = 'traces') =>
  fetch(`${to.url}/otlp/v1/${signal}`, { method: 'POST', body, headers })

test.each(['traces', 'metrics'])('%s reach the collector byte for byte, and its answer comes back', async (signal) => {
  const body = new Uint8Array(gzipSync(Buffer.from([10, 2, 8, 1])))

  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }
  const response = await send(body, headers, playground, signal)

  expect(received.url).toBe(`/v1/${signal}`)
  expect(received.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
    ...collectorHeaders,
  })
  expect(received.headers).not.toHaveProperty('traceparent')
  expect(received.body).toEqual(Buffer.from(body))
  expect(response.headers.get('content-type')).toBe('application/x-protobuf')
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([10, 0])
})

test('the page is told that spans are wanted', async () => {
  const response = await fetch(`${playground.url}/playground/config`)
  expect(await response.json()).toMatchObject({ otlp: true })
})

test('a page of another origin cannot send spans', async () => {
  expect((await send(new Uint8Array(), { origin: 'http://evil.example' })).status).toBe(403)
})

test('more than four megabytes are refused', async () => {
  expect((await send(new Uint8Array(4 * 1024 * 1024 + 1), {})).status).toBe(413)
})

test('a collector that does not answer is named', async () => {
  const lonely = await startPlayground({ port: 0, collector: new URL('http://127.0.0.1:1') })
  try {
    const response = await send(new Uint8Array(), {}, lonely)
    expect(response.status).toBe(502)
    expect(await response.json()).toEqual({ message: 'The collector at http://127.0.0.1:1 does not answer.' })
  } finally {
    await lonely.stop()
  }
})

test('without a collector there is nothing to send to', async () => {
  const plain = await startPlayground({ port: 0 })
  try {
    const response = await send(new Uint8Array(), {}, plain)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ message: expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT') })
  } finally {
    await plain.stop()
  }
})
