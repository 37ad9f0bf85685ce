import { busy } from '@authflight/testing'
import { ROOT_CONTEXT, type Span, trace, TraceFlags } from '@opentelemetry/api'
import { expect, test, vi } from 'vitest'
import { eventsOf, readRegistry } from '../../../../scripts/lib/registry.mjs'
import manifest from '../../package.json' with { type: 'json' }
import { type AuthRecord, memoryStore } from '../../src/index.ts'
import { name, version } from '../../src/telemetry/scope.ts'
import { setUp } from '../support/app.ts'
import { recordAll, type Seen, type SdkOptions, startSdk } from '../support/observe.ts'
import { openTwoTabs } from '../support/tabs.ts'

/** A signed-in client under an SDK, with what the sign-in left forgotten. */
async function setUpObserved(options: SdkOptions = {}) {
  const sdk = startSdk(options)
  const recorded = recordAll()
  const app = setUp()
  const auth = app.createClient()
  const session = await app.signIn(auth)
  sdk.exporter.reset()
  recorded.clear()
  return { ...sdk, ...app, recorded, auth, session }
}

/** Callers at once, each under a span of its own. */
async function refreshByMany({ auth, within }: Awaited<ReturnType<typeof setUpObserved>>, callers: number) {
  const calls = Array.from({ length: callers }, () => within(() => auth.refreshSession()))
  await Promise.all(calls.map(({ result }) => result))
  return calls.map(({ span }) => span.spanContext())
}

const hex = (digits: number) => expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)) as unknown
const idOf = (span: Seen | undefined) => ({ traceId: span?.traceId, id: span?.id })
const linkTo = (span: Span) => ({ traceId: span.spanContext().traceId, id: span.spanContext().spanId })
const only = (spans: readonly Seen[]): Seen => {
  expect(spans).toHaveLength(1)
  return spans[0] as Seen
}

test('one caller: a refresh under the caller, an HTTP attempt under the refresh', async () => {
  const observed = await setUpObserved()
  const [caller] = await refreshByMany(observed, 1)
  const { session, spans } = observed
  const refresh = only(spans('authflight.refresh'))
  const request = only(spans('authflight.token_request'))

  expect(spans()).toHaveLength(2)
  expect(refresh).toMatchObject({
    traceId: caller?.traceId,
    parentId: caller?.spanId,
    kind: 'internal',
    status: 'unset',
  })
  expect(refresh.links).toEqual([])
  expect(refresh.attributes).toEqual({
    'authflight.flight.id': hex(12),
    'authflight.refresh.trigger': 'forced',
    'authflight.refresh.outcome': 'rotated',
    'authflight.refresh.attempt_count': 1,
    'authflight.refresh.waiter_count': 0,
    'authflight.session.id': session.sessionId,
    'authflight.session.revision': 1,
    'authflight.token.expires_in': expect.closeTo(60, -1) as unknown,
  })
  expect(request).toMatchObject({ traceId: refresh.traceId, parentId: refresh.id, kind: 'client', status: 'unset' })
  expect(request.attributes).toEqual({
    'http.request.method': 'POST',
    'server.address': 'id.example.test',
    'http.response.status_code': 200,
  })
  expect(request.startedAt).toBeGreaterThanOrEqual(refresh.startedAt)
  expect(request.endedAt).toBeLessThanOrEqual(refresh.endedAt)
})

test('two callers: the second waits under its own caller and is linked with the flight both ways', async () => {
  const observed = await setUpObserved()
  const [first, second] = await refreshByMany(observed, 2)
  const refresh = only(observed.spans('authflight.refresh'))
  const wait = only(observed.spans('authflight.wait'))

  expect(observed.spans()).toHaveLength(3)
  expect(refresh.parentId).toBe(first?.spanId)
  expect(refresh.attributes['authflight.refresh.waiter_count']).toBe(1)
  expect(refresh.links).toEqual([idOf(wait)])
  expect(wait).toMatchObject({ traceId: second?.traceId, parentId: second?.spanId, kind: 'internal', status: 'unset' })
  expect(wait.links).toEqual([idOf(refresh)])
  expect(wait.attributes).toEqual({
    'authflight.flight.id': refresh.attributes['authflight.flight.id'],
    'authflight.wait.outcome': 'rotated',
  })
})

test('fifty callers: every waiter has its span, the flight links to the first 32, records hold 32 and one aggregate', async () => {
  const observed = await setUpObserved()
  const [first, ...others] = await refreshByMany(observed, 50)
  const refresh = only(observed.spans('authflight.refresh'))
  const waits = observed.spans('authflight.wait')

  expect(refresh.parentId).toBe(first?.spanId)
  expect(refresh.attributes['authflight.refresh.waiter_count']).toBe(49)
  expect(new Set(waits.map(({ parentId }) => parentId))).toEqual(new Set(others.map(({ spanId }) => spanId)))
  expect(waits).toHaveLength(49)
  expect(waits.every(({ links }) => links.length === 1 && links[0]?.id === refresh.id)).toBe(true)
  expect(new Set(refresh.links.map(({ id }) => id)).size).toBe(32)
  expect(waits.filter(({ id }) => refresh.links.some((link) => link.id === id))).toHaveLength(32)

  expect(observed.recorded.operations('authflight.wait')).toHaveLength(32)
  const [aggregate, ...more] = observed.recorded.named('authflight.record.waits')
  expect(more).toEqual([])
  expect(aggregate?.attributes).toEqual({
    'authflight.flight.id': refresh.attributes['authflight.flight.id'],
    'authflight.wait.count': 17,
    'authflight.wait.p50': expect.any(Number) as unknown,
    'authflight.wait.max': expect.any(Number) as unknown,
    'authflight.wait.outcomes.rotated': 17,
  })
  const { 'authflight.wait.p50': p50, 'authflight.wait.max': max } = aggregate?.attributes ?? {}
  expect(Number(p50)).toBeGreaterThan(0)
  expect(Number(max)).toBeGreaterThanOrEqual(Number(p50))
})

test('waits beyond the first 32 are one point each time that none of them is left: two where all have gone before more come', async () => {
  const { server, auth, recorded } = await setUpObserved()
  const leave = new AbortController()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const staying = Array.from({ length: 33 }, () => auth.refreshSession())
  await gate.arrived
  await Promise.all([auth.refreshSession({ signal: leave.signal }), leave.abort()])
  const late = [auth.refreshSession(), auth.refreshSession()]
  gate.release()
  await Promise.all([...staying, ...late])
  const points = recorded.named('authflight.record.waits').map(({ attributes }) => attributes)
  expect(points).toMatchObject([
    { 'authflight.wait.count': 1, 'authflight.wait.outcomes.left': 1 },
    { 'authflight.wait.count': 2, 'authflight.wait.outcomes.rotated': 2 },
  ])
})

test('what is recorded is what is exported: ids, parents, links, names, kinds, times, status and attributes', async () => {
  const observed = await setUpObserved()
  await refreshByMany(observed, 20)
  observed.server.faults.next(busy(), { grant: 'refresh_token' })
  await refreshByMany(observed, 3)
  const gate = observed.server.hold({ when: 'after', grant: 'refresh_token' })
  const discarded = observed.auth.refreshSession()
  await gate.arrived
  await observed.auth.signOut()
  gate.release()
  await discarded
  await expect.poll(() => observed.spans('authflight.discard')).toHaveLength(1)

  const byId = (a: Seen, b: Seen) => a.id.localeCompare(b.id)
  const inMicroseconds = (seen: Seen) => ({
    ...seen,
    startedAt: Math.round(seen.startedAt * 1_000) / 1_000,
    endedAt: Math.round(seen.endedAt * 1_000) / 1_000,
  })
  const exported = observed.spans().toSorted(byId).map(inMicroseconds)
  const recorded = observed.recorded.operations().toSorted(byId).map(inMicroseconds)
  expect(new Set(exported.map((span) => span.name))).toEqual(
    new Set([
      'authflight.refresh',
      'authflight.token_request',
      'authflight.wait',
      'authflight.discard',
      'authflight.sign_out',
      'authflight.session_end',
    ]),
  )
  expect(recorded).toEqual(exported)
})

test('a caller that is not sampled does not hide the refresh: it is a root that links to the caller', async () => {
  const { auth, spans, recorded } = await setUpObserved()
  const caller = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.NONE }
  const waiter = { traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceFlags: TraceFlags.NONE }
  await Promise.all([
    auth.refreshSession({ otelContext: trace.setSpanContext(ROOT_CONTEXT, caller) }),
    auth.refreshSession({ otelContext: trace.setSpanContext(ROOT_CONTEXT, waiter) }),
  ])

  const refresh = only(spans('authflight.refresh'))
  expect(refresh.parentId).toBeNull()
  expect(refresh.traceId).not.toBe(caller.traceId)
  expect(refresh.links[0]).toEqual({ traceId: caller.traceId, id: caller.spanId })
  expect(only(spans('authflight.token_request')).parentId).toBe(refresh.id)
  // The waiter's span is its own caller's matter: not exported. The panel's record is there all the same.
  expect(spans('authflight.wait')).toEqual([])
  expect(only(recorded.operations('authflight.wait'))).toMatchObject({
    traceId: waiter.traceId,
    parentId: waiter.spanId,
    links: [idOf(refresh)],
  })
})

test('of an unsampled caller and forty waiters the flight still links to 32 at most', async () => {
  const { auth, spans } = await setUpObserved()
  const caller = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.NONE }
  const first = auth.refreshSession({ otelContext: trace.setSpanContext(ROOT_CONTEXT, caller) })
  await Promise.all([first, ...Array.from({ length: 40 }, () => auth.refreshSession())])
  const { links } = only(spans('authflight.refresh'))
  expect(links).toHaveLength(32)
  expect(links[0]?.id).toBe(caller.spanId)
})

test('without a caller’s span the refresh is a root without links', async () => {
  const { auth, spans } = await setUpObserved()
  await auth.refreshSession()
  expect(only(spans('authflight.refresh'))).toMatchObject({ parentId: null, links: [] })
})

test('the caller is the one who called, though its context is lost after an await', async () => {
  const { auth, spans, within } = await setUpObserved()
  const { span } = within(() => null)
  await auth.refreshSession({ otelContext: trace.setSpan(ROOT_CONTEXT, span) })
  expect(only(spans('authflight.refresh')).parentId).toBe(span.spanContext().spanId)
})

test('a discard is a child of its refresh, with its reason and what became of the tokens, and no error', async () => {
  const { server, auth, spans, session } = await setUpObserved()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await auth.signOut()
  gate.release()
  await refreshing
  await expect.poll(() => spans('authflight.discard')).toHaveLength(1)

  const refresh = only(spans('authflight.refresh'))
  expect(refresh).toMatchObject({ status: 'unset', attributes: { 'authflight.refresh.outcome': 'discarded' } })
  expect(refresh.attributes).not.toHaveProperty('error.type')
  expect(only(spans('authflight.discard'))).toMatchObject({
    traceId: refresh.traceId,
    parentId: refresh.id,
    status: 'unset',
  })
  expect(only(spans('authflight.discard')).attributes).toEqual({
    'authflight.discard.reason': 'signed_out',
    'authflight.discard.revocation': 'done',
  })
  expect(only(spans('authflight.session_end')).attributes).toEqual({
    'authflight.session_end.reason': 'user',
    'authflight.session.id': session.sessionId,
  })
})

test('a failure names one error type on the attempt, the flight and every wait', async () => {
  const observed = await setUpObserved()
  observed.server.faults.next(busy({ retryAfter: 2 }), { grant: 'refresh_token' })
  await refreshByMany(observed, 3)

  expect(observed.spans('authflight.wait')).toHaveLength(2)
  for (const span of observed.spans()) {
    expect(span).toMatchObject({ status: 'error', attributes: { 'error.type': 'rate_limited' } })
  }
  expect(only(observed.spans('authflight.refresh')).attributes).toMatchObject({
    'authflight.refresh.outcome': 'failed',
  })
  expect(only(observed.spans('authflight.token_request')).attributes).toMatchObject({
    'http.response.status_code': 429,
  })
  expect(observed.spans('authflight.wait')[0]?.attributes).toMatchObject({ 'authflight.wait.outcome': 'failed' })
})

test('what became of a refresh is an event of its span, of those that the registry names with what they carry, and no other span has any', async () => {
  const { server, auth, exporter } = await setUpObserved()
  await auth.refreshSession()
  server.faults.next(busy(), { grant: 'refresh_token' })
  await auth.refreshSession()

  const withEvents = exporter.getFinishedSpans().filter(({ events }) => events.length > 0)
  expect(
    withEvents.map((span) => [span.name, span.events.map((event) => [event.name, event.attributes ?? {}])]),
  ).toEqual([
    ['authflight.refresh', [['committed', { 'authflight.session.revision': 2 }]]],
    ['authflight.refresh', [['retry_scheduled', {}]]],
  ])
  const seen = withEvents.flatMap(({ events }) => events)
  expect(seen.map(({ name, attributes = {} }) => ({ name, attributes: Object.keys(attributes) }))).toEqual(
    readRegistry().spans.flatMap(eventsOf),
  )
})

test('a session that the server ended names the OAuth error on the attempt and `invalid_grant` on all', async () => {
  const observed = await setUpObserved()
  observed.server.revokeSessions()
  await refreshByMany(observed, 2)

  for (const name of ['authflight.refresh', 'authflight.token_request', 'authflight.wait']) {
    expect(only(observed.spans(name))).toMatchObject({ status: 'error', attributes: { 'error.type': 'invalid_grant' } })
  }
  expect(only(observed.spans('authflight.refresh')).attributes).toMatchObject({
    'authflight.refresh.outcome': 'rejected',
  })
  expect(only(observed.spans('authflight.token_request')).attributes).toMatchObject({
    'http.response.status_code': 400,
    'authflight.oauth.error': 'invalid_grant',
  })
  expect(only(observed.spans('authflight.session_end')).attributes).toMatchObject({
    'authflight.session_end.reason': 'rejected',
  })
})

test('a caller that leaves ends its wait as left, one whose patience ends as timeout, and the flight goes on', async () => {
  const { spans, exporter } = startSdk()
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const hasty = createClient({ storage, patience: 30 })
  await hasty.getSession()
  exporter.reset()
  const leave = new AbortController()

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const staying = auth.refreshSession()
  const leaving = auth.refreshSession({ signal: leave.signal })
  await gate.arrived
  await hasty.refreshSession()
  leave.abort()
  await leaving
  const waits = spans('authflight.wait')
  gate.release()
  await staying

  expect(waits.map(({ status, attributes }) => [attributes['authflight.wait.outcome'], status])).toEqual([
    ['left', 'unset'],
    ['timeout', 'unset'],
  ])
  expect(only(spans('authflight.refresh')).attributes).toMatchObject({
    'authflight.refresh.outcome': 'rotated',
    'authflight.refresh.waiter_count': 2,
  })
})

test('a tab that waits for another one’s claim has a contention linked to that one’s flight, and adopts', async () => {
  const { spans, exporter } = startSdk()
  const recorded = recordAll()
  const { server, signIn } = setUp()
  const [one, two] = await openTwoTabs(server, signIn)
  exporter.reset()

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const first = one.refreshSession()
  await gate.arrived
  const second = two.refreshSession()
  const isWaiting = ({ attributes }: AuthRecord) => attributes['authflight.contention.kind'] === 'claim_wait'
  await vi.waitFor(() => expect(recorded.records.some(isWaiting)).toBe(true))
  gate.release()
  await Promise.all([first, second])

  const [presenter, adopter] = ['rotated', 'adopted'].map((outcome) =>
    only(spans('authflight.refresh').filter((span) => span.attributes['authflight.refresh.outcome'] === outcome)),
  )
  const contention = only(spans('authflight.contention'))
  expect(contention).toMatchObject({ parentId: adopter?.id, traceId: adopter?.traceId, links: [idOf(presenter)] })
  expect(contention.attributes).toEqual({
    'authflight.contention.kind': 'claim_wait',
    'authflight.contention.scope': 'origin',
    'authflight.contention.resolution': 'adopted',
  })
  expect(adopter?.attributes['authflight.refresh.attempt_count']).toBe(0)
})

test('two clients on one store that share a flight were in no race', async () => {
  const { spans } = startSdk()
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const one = createClient({ storage })
  await signIn(one)
  const two = createClient({ storage })
  await two.getSession()
  const results = await Promise.all([one.refreshSession(), two.refreshSession()])
  expect(results.map(({ data }) => data.session?.revision)).toEqual([2, 2])
  expect(spans('authflight.refresh')).toHaveLength(1)
  expect(spans('authflight.contention')).toEqual([])
})

test('a tab that missed the notice finds the rotation done elsewhere', async () => {
  const { spans, exporter } = startSdk()
  // Notices get lost.
  const deaf = class {
    postMessage() {}
    close() {}
  }
  vi.stubGlobal('BroadcastChannel', deaf)
  const { server, signIn } = setUp()
  const [one, two] = await openTwoTabs(server, signIn)
  await one.refreshSession()
  exporter.reset()
  const { data } = await two.refreshSession()
  vi.unstubAllGlobals()

  expect(data.session?.revision).toBe(2)
  expect(only(spans('authflight.contention')).attributes).toEqual({
    'authflight.contention.kind': 'rotated_elsewhere',
    'authflight.contention.scope': 'origin',
    'authflight.contention.resolution': 'adopted',
  })
  expect(only(spans('authflight.refresh')).attributes['authflight.refresh.outcome']).toBe('adopted')
})

test('the instrumentation scope is this package at its version', async () => {
  const { auth, exporter } = await setUpObserved()
  await auth.refreshSession()
  expect({ name, version }).toEqual({ name: manifest.name, version: manifest.version })
  expect(exporter.getFinishedSpans()[0]?.instrumentationScope).toMatchObject({
    name: manifest.name,
    version: manifest.version,
    schemaUrl: expect.stringMatching(/^https:\/\/opentelemetry\.io\/schemas\//) as unknown,
  })
})

test('a fresh getSession leaves no span and no record', async () => {
  const { auth, spans, recorded } = await setUpObserved()
  await auth.getSession()
  await auth.getAccessToken()
  expect(spans()).toEqual([])
  expect(recorded.records).toEqual([])
})

test('with the recorder off there are spans and no records', async () => {
  const { spans } = startSdk()
  const { createClient, signIn } = setUp()
  const recorded = recordAll()
  const auth = createClient({ recorder: 'off', storage: memoryStore() })
  await signIn(auth)
  await Promise.all([auth.refreshSession(), auth.refreshSession()])
  await auth.signOut()
  expect(spans('authflight.wait')).toHaveLength(1)
  expect(recorded.records).toEqual([])
})

test('an instrumented fetch hangs its span under the attempt', async () => {
  const { auth, spans, within, exporter } = await setUpObserved()
  const real = globalThis.fetch
  const parents: Span[] = []
  vi.stubGlobal('fetch', (...of: Parameters<typeof fetch>) => {
    const { span } = within(() => null)
    span.end()
    parents.push(span)
    return real(...of)
  })
  await auth.refreshSession()
  vi.unstubAllGlobals()
  const request = only(spans('authflight.token_request'))
  const nested = exporter.getFinishedSpans().filter((span) => span.parentSpanContext?.spanId === request.id)
  expect(nested.map((span) => span.spanContext().spanId)).toContain(linkTo(parents.at(-1) as Span).id)
})
