import { context, trace } from '@opentelemetry/api'
import { startTelemetry } from '@authflight/telemetry/node'
import { http, passthrough } from 'msw'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setUp } from '../../../../packages/client/test/support/app.ts'
import { type Receiver, startReceiver } from '../../server/otlp-receiver/receiver.ts'

let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver.stop())

test.each(['http/protobuf', 'http/json'] as const)(
  'a real receiver gives back what startTelemetry sent it as %s, links and parents included',
  async (protocol) => {
    const service = `app ${protocol}`
    const telemetry = startTelemetry({ serviceName: service, endpoint: receiver.url, protocol })
    const { network, createClient, signIn } = setUp()
    network.use(http.all(`${receiver.url}/*`, () => passthrough()))
    const auth = createClient()
    await signIn(auth)
    const caller = trace.getTracer('app').startSpan('caller')
    await context.with(trace.setSpan(context.active(), caller), () =>
      Promise.all([auth.refreshSession(), auth.refreshSession(), auth.refreshSession()]),
    )
    caller.end()
    await telemetry.shutdown()

    const all = (await receiver.readTraces()).filter((found) => found.service === service)
    const spans = all.flatMap((found) => found.spans)
    const named = (name: string) => spans.filter((span) => span.name === name)
    const [refresh] = named('authflight.refresh')
    const { spanId: callerId, traceId } = caller.spanContext()
    expect(refresh).toMatchObject({
      traceId,
      parentSpanId: callerId,
      kind: 'INTERNAL',
      attributes: { 'authflight.refresh.outcome': 'rotated', 'authflight.refresh.waiter_count': 2 },
    })
    const [request] = named('authflight.token_request').filter((span) => span.parentSpanId === refresh?.spanId)
    expect(request).toMatchObject({ traceId, kind: 'CLIENT', attributes: { 'http.response.status_code': 200 } })
    const waits = named('authflight.wait')
    const idOf = (span: { traceId: string; spanId: string } | undefined) => [span?.traceId, span?.spanId]
    expect(waits.map((wait) => [wait.parentSpanId, wait.links?.map(idOf)])).toEqual([
      [callerId, [idOf(refresh)]],
      [callerId, [idOf(refresh)]],
    ])
    expect(refresh?.links?.map(idOf).toSorted()).toEqual(waits.map(idOf).toSorted())
  },
)
