import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'

async function setUpRecorded() {
  const recorded = recordAll()
  const app = setUp()
  const auth = app.createClient()
  await app.signIn(auth)
  recorded.clear()
  return { ...app, auth, recorded }
}
const caller = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.SAMPLED }

test('records have ids of their own, in the form of spans, and hang together as spans would', async () => {
  const { auth, recorded } = await setUpRecorded()
  await Promise.all(Array.from({ length: 3 }, () => auth.refreshSession()))

  const [refresh] = recorded.operations('authflight.refresh')
  const [request] = recorded.operations('authflight.token_request')
  const waits = recorded.operations('authflight.wait')
  expect(recorded.operations()).toHaveLength(4)
  expect(refresh).toMatchObject({ parentId: null, links: waits.map(({ traceId, id }) => ({ traceId, id })) })
  expect(request).toMatchObject({ parentId: refresh?.id, traceId: refresh?.traceId, kind: 'client' })
  for (const wait of waits) {
    expect(wait).toMatchObject({ parentId: null, links: [{ traceId: refresh?.traceId, id: refresh?.id }] })
    expect(wait.traceId).not.toBe(refresh?.traceId)
  }
  const all = recorded.operations()
  expect(new Set(all.map(({ id }) => id)).size).toBe(4)
  for (const { id, traceId } of all) expect(`${traceId} ${id}`).toMatch(/^[0-9a-f]{32} [0-9a-f]{16}$/)
})

test('a caller’s trace that comes from elsewhere is followed, with an id of its own for each operation', async () => {
  const { auth, recorded } = await setUpRecorded()
  const otelContext = trace.setSpanContext(ROOT_CONTEXT, caller)
  await Promise.all([auth.refreshSession({ otelContext }), auth.refreshSession({ otelContext })])
  const [refresh] = recorded.operations('authflight.refresh')
  const [wait] = recorded.operations('authflight.wait')
  const [request] = recorded.operations('authflight.token_request')
  expect(refresh).toMatchObject({ traceId: caller.traceId, parentId: caller.spanId })
  expect(wait).toMatchObject({ traceId: caller.traceId, parentId: caller.spanId })
  expect(request).toMatchObject({ traceId: caller.traceId, parentId: refresh?.id })
  expect(new Set([caller.spanId, refresh?.id, wait?.id, request?.id]).size).toBe(4)
})

test('each operation has a start record while it is open, and an end record under the same id', async () => {
  const { server, auth, recorded } = await setUpRecorded()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const open = recorded.records.filter(({ kind }) => kind !== 'point')
  expect(open.map(({ name, endedAt }) => [name, endedAt])).toEqual([
    ['authflight.refresh', undefined],
    ['authflight.token_request', undefined],
  ])
  expect(recorded.operations()).toEqual([])
  gate.release()
  await refreshing

  expect(recorded.operations().map(({ id }) => id)).toEqual(open.map(({ id }) => id))
  for (const { id, startedAt, endedAt } of recorded.operations()) {
    expect(startedAt).toBe(open.find((record) => record.id === id)?.startedAt)
    expect(endedAt).toBeGreaterThanOrEqual(startedAt)
  }
})

test('point records tell what a panel needs beside the operations', async () => {
  const { auth, recorded, signIn } = await setUpRecorded()
  const { data } = await auth.refreshSession()
  const [refresh] = recorded.operations('authflight.refresh')
  const [committed] = recorded.named('authflight.record.committed')
  expect(committed).toMatchObject({ kind: 'point', startedAt: committed?.endedAt, status: 'unset', links: [] })
  expect(committed?.attributes).toEqual({
    'authflight.session.id': data.session?.sessionId,
    'authflight.account.id': data.session?.account,
    'authflight.session.revision': 2,
    'authflight.token.expires_in': expect.closeTo(60, -1) as unknown,
    'authflight.flight.id': refresh?.attributes['authflight.flight.id'],
  })
  expect(recorded.named('authflight.record.claim')[0]?.attributes).toEqual({
    'authflight.claim.state': 'made',
    'authflight.flight.id': refresh?.attributes['authflight.flight.id'],
  })
  await auth.signOut()
  await signIn(auth, 'grace')
  const events = recorded.named('authflight.record.event').map(({ attributes }) => attributes)
  expect(events.map((event) => event['authflight.event.name'])).toEqual(['TOKEN_REFRESHED', 'SIGNED_OUT', 'SIGNED_IN'])
  expect(events[1]).toMatchObject({ 'authflight.session_end.reason': 'user' })
})

test('records are plain, frozen JSON that crosses messages and files unchanged', async () => {
  const { auth, recorded } = await setUpRecorded()
  await Promise.all(Array.from({ length: 40 }, () => auth.refreshSession()))
  await auth.signOut()
  expect(recorded.records.length).toBeGreaterThan(70)
  for (const record of recorded.records) {
    expect(JSON.parse(JSON.stringify(record))).toStrictEqual(record)
    expect(structuredClone(record)).toStrictEqual(record)
    expect([record, record.attributes, record.links].every((part) => Object.isFrozen(part))).toBe(true)
    expect(record).toMatchObject({ v: 1, tab: recorded.records[0]?.tab, client: recorded.records[0]?.client })
  }
})
