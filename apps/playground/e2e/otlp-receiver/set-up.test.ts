import { context, trace } from '@opentelemetry/api'
import { startTelemetry } from '@authflight/telemetry/node'
import { serverError } from '@authflight/testing'
import { http, passthrough } from 'msw'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { setUp } from '../../../../packages/client/test/support/app.ts'
import { recordAll, type Seen } from '../../../../packages/client/test/support/observe.ts'
import { drawTree, keyOf } from '../../../../packages/client/test/support/tree.ts'
import { type ReceivedSpan, type Receiver, startReceiver } from '../../server/otlp-receiver/receiver.ts'

let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver.stop())

/** The receiver mixes those of the resource in. */
const ofResource = /^(service|telemetry)\./

const asSeen = (span: ReceivedSpan): Seen => ({
  id: span.spanId,
  traceId: span.traceId,
  parentId: span.parentSpanId ?? null,
  links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, id: spanId })),
  name: span.name,
  kind: span.kind.toLowerCase(),
  startedAt: span.startTime,
  endedAt: span.endTime,
  status: span.status.code.toLowerCase(),
  attributes: Object.fromEntries(Object.entries(span.attributes).filter(([key]) => !ofResource.test(key))),
})

const tree = `caller
  refresh 1 trigger=forced outcome=rotated → wait 1, wait 2
    token_request
  wait 1 outcome=rotated → refresh 1
  wait 2 outcome=rotated → refresh 1
  sign_out outcome=done
    session_end reason=user
  refresh 3 trigger=forced outcome=failed !
    token_request !
sign_in outcome=done
sign_in outcome=done
  token_request
refresh 2 trigger=forced outcome=discarded
  token_request
  discard reason=signed_out
sign_in outcome=done
sign_in outcome=done
  token_request`

test.each(['http/protobuf', 'http/json'] as const)(
  'a real receiver gives back all that startTelemetry sent it as %s: the whole tree, each span with its ids, parent, links, kind, status and attributes',
  async (protocol) => {
    const service = `app ${protocol}`
    const telemetry = startTelemetry({ serviceName: service, endpoint: receiver.url, protocol })
    const recorded = recordAll()
    const { server, network, createClient, signIn } = setUp()
    network.use(http.all(`${receiver.url}/*`, () => passthrough()))
    const auth = createClient()
    const caller = trace.getTracer('app').startSpan('caller')
    const { traceId, spanId } = caller.spanContext()
    const within = <R>(call: () => R): R => context.with(trace.setSpan(context.active(), caller), call)

    await signIn(auth)
    await within(() => Promise.all([auth.refreshSession(), auth.refreshSession(), auth.refreshSession()]))
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshing = auth.refreshSession()
    await gate.arrived
    await within(() => auth.signOut())
    gate.release()
    await refreshing
    await vi.waitFor(() => expect(recorded.operations('authflight.discard')).toHaveLength(1))
    await signIn(auth, 'grace')
    server.faults.next(serverError(), { grant: 'refresh_token' })
    await within(() => auth.refreshSession())
    caller.end()
    await telemetry.shutdown()

    const sent = recorded.operations().toSorted((a, b) => a.startedAt - b.startedAt)
    const order = sent.map(keyOf)
    const received = (await receiver.readTraces())
      .filter((found) => found.service === service)
      .flatMap((found) => found.spans.map(asSeen))
    const ours = received
      .filter(({ name }) => name !== 'caller')
      .toSorted((a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b)))
    const others = { [keyOf({ traceId, id: spanId })]: 'caller' }
    expect(received.filter(({ name }) => name === 'caller')).toMatchObject([{ traceId, id: spanId, parentId: null }])
    expect(drawTree(ours, others)).toBe(drawTree(sent, others))
    expect(drawTree(ours, others)).toBe(tree)
    // Milliseconds, in whose fraction the ways of writing them differ.
    const near = (time: number): unknown => expect.closeTo(time, 2)
    expect(ours).toEqual(sent.map((one) => ({ ...one, startedAt: near(one.startedAt), endedAt: near(one.endedAt) })))
  },
)
