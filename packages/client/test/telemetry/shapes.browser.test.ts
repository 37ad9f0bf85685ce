import { context, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { createAuthServer } from '@authflight/testing'
import { StackContextManager } from '@opentelemetry/sdk-trace'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { setupWorker } from 'msw/browser'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { heard } from '../../../../scripts/test/heard-spans.ts'
import { type AuthClient, createAuthClient, memoryStore } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'
import { countUnderWay } from '../support/measure.ts'
import type { Seen } from '../support/observe.ts'
import { drawTree, keyOf } from '../support/tree.ts'

const server = createAuthServer()
const worker = setupWorker(...server.handlers)
beforeAll(() => worker.start({ quiet: true, onUnhandledFrame: 'bypass' }).then(() => {}))
afterAll(() => worker.stop())
afterEach(() => {
  trace.disable()
  context.disable()
})

const asSeen = (span: ReadableSpan): Seen => ({
  id: span.spanContext().spanId,
  traceId: span.spanContext().traceId,
  parentId: span.parentSpanContext?.spanId ?? null,
  links: span.links.map((link) => ({ traceId: link.context.traceId, id: link.context.spanId })),
  name: span.name,
  kind: '',
  startedAt: span.startTime[0] * 1_000 + span.startTime[1] / 1_000_000,
  endedAt: 0,
  status: span.status.code === 2 ? 'error' : 'unset',
  attributes: span.attributes,
})

/** A page with a real SDK, and one context manager or none; a client that is signed in. */
async function setUp(manager: 'stack' | 'none') {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter), heard] }))
  if (manager === 'stack') context.setGlobalContextManager(new StackContextManager().enable())
  countUnderWay()
  const provider = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: `${location.origin}/callback` })
  let left = ''
  const auth: AuthClient = createAuthClient({
    provider: {
      ...provider,
      async signIn(request, io) {
        const answer = await provider.signIn(request as never, io)
        left = 'url' in answer ? answer.url : ''
        return { ...answer, url: '#left' } as never
      },
    },
    storage: memoryStore(),
    autoRefresh: 'off',
    redirect: 'manual',
  })
  onTestFinished(() => auth.dispose())
  await auth.signIn()
  await auth.handleRedirect(await server.authorize(left))
  exporter.reset()
  const caller = trace.getTracer('app').startSpan('caller')
  const under = trace.setSpan(ROOT_CONTEXT, caller)
  const { traceId, spanId } = caller.spanContext()
  return {
    auth,
    under,
    within: <R>(call: () => R): R => context.with(under, call),
    draw: () => {
      const seen = exporter.getFinishedSpans().map(asSeen)
      return drawTree(
        seen.toSorted((a, b) => a.startedAt - b.startedAt),
        { [keyOf({ traceId, id: spanId })]: 'caller' },
      )
    },
  }
}

const below = `caller
  refresh trigger=forced outcome=rotated → wait
    token_request
  wait outcome=rotated → refresh`

const apart = `refresh trigger=forced outcome=rotated → wait
  token_request
wait outcome=rotated → refresh`

test('with a stack context manager, calls made in the caller’s own turn hang below it', async () => {
  const { auth, within, draw } = await setUp('stack')
  await within(() => Promise.all([auth.refreshSession(), auth.refreshSession()]))
  expect(draw()).toBe(below)
})

test('with a stack context manager, the caller is lost after an `await`, and the flight is a root', async () => {
  const { auth, within, draw } = await setUp('stack')
  await within(async () => {
    await Promise.resolve()
    await Promise.all([auth.refreshSession(), auth.refreshSession()])
  })
  expect(draw()).toBe(apart)
})

test('handed over by hand, the caller is found after an `await`', async () => {
  const { auth, under, draw } = await setUp('stack')
  await Promise.resolve()
  await Promise.all([auth.refreshSession({ otelContext: under }), auth.refreshSession({ otelContext: under })])
  expect(draw()).toBe(below)
})

test('without a context manager each is a root, unless the caller is handed over', async () => {
  const lost = await setUp('none')
  await lost.within(() => Promise.all([lost.auth.refreshSession(), lost.auth.refreshSession()]))
  expect(lost.draw()).toBe(apart)
  trace.disable()
  metrics.disable()
  const { auth, under, draw } = await setUp('none')
  await Promise.all([auth.refreshSession({ otelContext: under }), auth.refreshSession({ otelContext: under })])
  expect(draw()).toBe(below)
})
