import { ROOT_CONTEXT, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import { oauthFailure, serverError } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { type LockFunction, processLock } from '../../src/locks.ts'
import { setUp } from '../support/app.ts'
import { countUnderWay } from '../support/measure.ts'
import { recordAll, startSdk } from '../support/observe.ts'
import { openTab, openTwoTabs } from '../support/tabs.ts'
import { drawTree, keyOf } from '../support/tree.ts'

/** A signed-in client under a real SDK, and what spans and records look like from then on: the same. */
async function setUpDrawn(options: Parameters<typeof setUp>[0] = {}, lock?: LockFunction) {
  const sdk = startSdk()
  const recorded = recordAll()
  countUnderWay()
  const app = setUp(options)
  const storage = memoryStore()
  const auth = app.createClient({ storage, ...(lock && { lock }) })
  await app.signIn(auth)
  sdk.exporter.reset()
  recorded.clear()
  const others: Record<string, string> = {}
  const name = ({ traceId, spanId }: SpanContext): void => void (others[keyOf({ traceId, id: spanId })] = 'caller')
  return {
    ...app,
    auth,
    storage,
    within<R>(call: () => R): R {
      const { span, result } = sdk.within(call)
      name(span.spanContext())
      return result
    },
    name,
    drawSpans: () => drawTree(sdk.spans(), others),
    draw(): string {
      const spans = drawTree(sdk.spans(), others)
      const records = recorded.operations().toSorted((a, b) => a.startedAt - b.startedAt)
      expect(drawTree(records, others)).toBe(spans)
      return spans
    },
  }
}
const many = <T>(length: number, call: (at: number) => T): T[] => Array.from({ length }, (_, at) => call(at))

test('one caller', async () => {
  const { auth, within, draw } = await setUpDrawn()
  await within(() => auth.refreshSession())
  expect(draw()).toBe(`caller
  refresh trigger=forced outcome=rotated
    token_request`)
})

test('two callers, each with a span of its own', async () => {
  const { auth, within, draw } = await setUpDrawn()
  await Promise.all([within(() => auth.refreshSession()), within(() => auth.refreshSession())])
  expect(draw()).toBe(`caller
  refresh trigger=forced outcome=rotated → wait
    token_request
caller
  wait outcome=rotated → refresh`)
})

test('fifty callers: all wait below their own, and the flight links to 32 of them', async () => {
  const { auth, within, drawSpans } = await setUpDrawn()
  await within(() => Promise.all(many(50, () => auth.refreshSession())))
  const all = many(49, (at) => `wait ${at + 1}`)
  const names = all.slice(0, 32).join(', ')
  const waits = all.map((wait) => `  ${wait} outcome=rotated → refresh`).join('\n')
  expect(drawSpans()).toBe(`caller
  refresh trigger=forced outcome=rotated → ${names}
    token_request
${waits}`)
})

test('no caller at all', async () => {
  const { auth, draw } = await setUpDrawn()
  await auth.refreshSession()
  expect(draw()).toBe(`refresh trigger=forced outcome=rotated
  token_request`)
})

test('a caller that is not sampled: a root that links to it', async () => {
  const { auth, draw, name } = await setUpDrawn()
  const unsampled = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.NONE }
  name(unsampled)
  await auth.refreshSession({ otelContext: trace.setSpanContext(ROOT_CONTEXT, unsampled) })
  expect(draw()).toBe(`refresh trigger=forced outcome=rotated → caller
  token_request`)
})

test('a flight that fails', async () => {
  const { server, auth, within, draw } = await setUpDrawn()
  server.faults.next(serverError(), { grant: 'refresh_token' })
  await within(() => Promise.all([auth.refreshSession(), auth.refreshSession()]))
  expect(draw()).toBe(`caller
  refresh trigger=forced outcome=failed ! → wait
    token_request !
  wait outcome=failed ! → refresh`)
})

test('a session that the server no longer accepts', async () => {
  const { server, auth, within, draw } = await setUpDrawn()
  server.faults.next(oauthFailure('invalid_grant'), { grant: 'refresh_token' })
  await within(() => auth.refreshSession())
  expect(draw()).toBe(`caller
  refresh trigger=forced outcome=rejected !
    token_request !
    session_end reason=rejected`)
})

test('a flight whose answer nobody takes any more', async () => {
  const { server, auth, within, draw } = await setUpDrawn()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = within(() => auth.refreshSession())
  await gate.arrived
  await within(() => auth.signOut())
  gate.release()
  await refreshing
  await vi.waitFor(() =>
    expect(draw()).toBe(`caller
  refresh trigger=forced outcome=discarded
    token_request
    discard reason=signed_out
caller
  sign_out outcome=done
    session_end reason=user`),
  )
})

test('a flight that keeps its refresh token', async () => {
  const { auth, within, draw } = await setUpDrawn({ profile: 'non-rotating' })
  await within(() => auth.refreshSession())
  expect(draw()).toBe(`caller
  refresh trigger=forced outcome=renewed
    token_request`)
})

test('a waiter that leaves', async () => {
  const { server, auth, within, draw } = await setUpDrawn()
  const leave = new AbortController()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const staying = within(() => auth.refreshSession())
  const leaving = within(() => auth.refreshSession({ signal: leave.signal }))
  await gate.arrived
  leave.abort()
  await leaving
  gate.release()
  await staying
  expect(draw()).toBe(`caller
  refresh trigger=forced outcome=rotated → wait
    token_request
caller
  wait outcome=left → refresh`)
})

test('a client that is disposed while its flight is under way, and calls after that', async () => {
  const { server, auth, within, draw } = await setUpDrawn()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = within(() => auth.refreshSession())
  await gate.arrived
  within(() => auth.dispose())
  expect((await refreshing).error?.code).toBe('client_disposed')
  await auth.refreshSession()
  gate.release()
  await vi.waitFor(() => expect(draw()).toContain('token_request'))
  expect(draw()).toBe(`caller
  refresh trigger=forced outcome=rotated
    token_request
caller
  dispose`)
})

test('a flight that waits for another tab’s: it links to that one, adopts what it brought, and asks nothing', async () => {
  const sdk = startSdk()
  const recorded = recordAll()
  countUnderWay()
  const { server, signIn } = setUp()
  const [one, two] = await openTwoTabs(server, signIn)
  sdk.exporter.reset()
  recorded.clear()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const presenting = one.refreshSession()
  await gate.arrived
  const asking = [two.refreshSession(), two.refreshSession()]
  await vi.waitFor(() => expect(recorded.named('authflight.contention')).not.toEqual([]))
  gate.release()
  await Promise.all([presenting, ...asking])
  await vi.waitFor(() => expect(recorded.named('authflight.tab_message')).not.toEqual([]))

  const records = recorded.operations().toSorted((a, b) => a.startedAt - b.startedAt)
  expect(drawTree(records)).toBe(drawTree(sdk.spans().filter(({ name }) => name !== 'authflight.storage')))
  expect(drawTree(sdk.spans())).toBe(`refresh 1 trigger=forced outcome=rotated
  storage
  storage
  token_request
  storage
refresh 2 trigger=forced outcome=adopted → wait
  storage
  contention kind=claim_wait resolution=adopted → refresh 1
wait outcome=adopted → refresh 2
tab_message outcome=read → refresh 1`)
  expect(drawTree(records)).toBe(`refresh 1 trigger=forced outcome=rotated
  token_request
refresh 2 trigger=forced outcome=adopted → wait
  contention kind=claim_wait resolution=adopted → refresh 1
wait outcome=adopted → refresh 2
tab_message outcome=read → refresh 1`)
})

test('two callers in line for the lock of an app: the one who waits tells it below their own', async () => {
  const { auth, within, draw } = await setUpDrawn({}, processLock)
  await within(() => Promise.all([auth.refreshSession(), auth.refreshSession()]))
  expect(draw()).toBe(`caller
  contention kind=lock_wait resolution=acquired
  refresh trigger=forced outcome=rotated
    token_request
  refresh trigger=forced outcome=rotated
    token_request`)
})

test('another sign-in: its code is exchanged below it, and the end of the session before is a root', async () => {
  const { auth, signIn, within, draw } = await setUpDrawn()
  await auth.refreshSession()
  await within(() => signIn(auth, 'grace'))
  expect(draw()).toBe(`caller
  sign_in outcome=done
  sign_in outcome=done
    token_request
refresh trigger=forced outcome=rotated
  token_request
session_end reason=replaced`)
})

test('a sign-out waits for its store', async () => {
  const sdk = startSdk()
  const { server, signIn } = setUp()
  const auth = await openTab(server)
  await signIn(auth)
  sdk.exporter.reset()
  await auth.signOut()
  const [signOut] = sdk.spans('authflight.sign_out')
  expect(sdk.spans('authflight.storage')).toMatchObject([{ parentId: signOut?.id }])
})

test('a flight that the timer starts: a root, and who asks meanwhile waits below their own', async () => {
  const { server, auth, within, draw } = await setUpDrawn()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  auth.startAutoRefresh()
  await vi.advanceTimersByTimeAsync(59_000)
  await gate.arrived
  const waiting = within(() => auth.refreshSession())
  gate.release()
  await waiting
  auth.stopAutoRefresh()
  expect(draw()).toBe(`caller
  wait outcome=rotated → refresh
refresh trigger=timer outcome=rotated → wait
  token_request`)
})
