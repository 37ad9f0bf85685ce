import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPlayground } from '../../server/playground.ts'
import { type Receiver, startReceiver } from '../../server/otlp-receiver/receiver.ts'

let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver.stop())

test("a span sent through the playground's server is read back with its parent and its link", async () => {
  const playground = await startPlayground({ port: 0, collector: new URL(receiver.url) })
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const linked = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b9' }
  const times = { startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000500000000' }
  const parent = { traceId, spanId: 'b7ad6b7169203331', name: 'authflight.refresh', kind: 1, ...times }
  const child = {
    traceId,
    spanId: '00f067aa0ba902b7',
    parentSpanId: parent.spanId,
    name: 'authflight.wait',
    kind: 1,
    ...times,
    links: [linked],
    attributes: [{ key: 'authflight.wait.outcome', value: { stringValue: 'rotated' } }],
  }

  try {
    const response = await fetch(`${playground.url}/otlp/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'playground' } }] },
            scopeSpans: [{ scope: { name: 'authflight' }, spans: [parent, child] }],
          },
        ],
      }),
    })
    expect(response.status).toBe(200)
  } finally {
    await playground.stop()
  }

  const [trace] = await receiver.readTraces()
  const wait = trace?.spans.find((span) => span.spanId === child.spanId)
  expect(trace).toMatchObject({ traceId, service: 'playground' })
  expect(wait).toMatchObject({ parentSpanId: parent.spanId, name: 'authflight.wait', kind: 'INTERNAL' })
  expect(wait?.attributes).toMatchObject({ 'authflight.wait.outcome': 'rotated' })
  expect(wait?.links).toEqual([{ ...linked, attributes: {} }])
  expect(wait && wait.endTime - wait.startTime).toBe(500)
})

test('more traces than one page holds are all read', async () => {
  const spans = Array.from({ length: 450 }, (_, n) => ({
    traceId: (n + 1).toString(16).padStart(32, '0'),
    spanId: (n + 1).toString(16).padStart(16, '0'),
    name: 'many',
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
  }))
  await fetch(`${receiver.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  })

  const many = (await receiver.readTraces()).filter((trace) => trace.spans[0]?.name === 'many')

  expect(new Set(many.map((trace) => trace.traceId)).size).toBe(450)
})
