import { expect, test } from 'vitest'
import { startReceiver } from './otlp-receiver/receiver.ts'
import { act, signIn, visitPlayground } from './visit.ts'

test('spans of a storm arrive at an OTLP receiver with their parents and links', async () => {
  const receiver = await startReceiver()
  try {
    const { openTab } = await visitPlayground({ collector: new URL(`${receiver.url}/v1/traces`) })
    const page = await openTab()
    await signIn(page)
    await act(page, 'Expire now')
    await act(page, 'Call ×1,000')
    await act(page, 'Sign out during a refresh')

    const read = async () => (await receiver.readTraces()).flatMap((trace) => trace.spans)
    await expect
      .poll(async () => (await read()).filter(({ name }) => name === 'authflight.wait').length, { timeout: 20_000 })
      .toBe(999)
    await expect
      .poll(async () => (await read()).some(({ name }) => name === 'authflight.discard'), { timeout: 20_000 })
      .toBe(true)
    const spans = await read()
    const named = (name: string) => spans.filter((span) => span.name === name)
    const storm = named('authflight.refresh').find((span) => span.attributes['authflight.refresh.waiter_count'] === 999)
    const discarded = named('authflight.refresh').find(
      (span) => span.attributes['authflight.refresh.outcome'] === 'discarded',
    )

    expect(storm).toMatchObject({ kind: 'INTERNAL', attributes: { 'authflight.refresh.outcome': 'rotated' } })
    expect(storm?.links).toHaveLength(32)
    const waits = named('authflight.wait')
    expect(waits.every((wait) => wait.links?.[0]?.spanId === storm?.spanId)).toBe(true)
    const waitIds = new Set(waits.map((wait) => wait.spanId))
    expect(storm?.links?.every((link) => waitIds.has(link.spanId))).toBe(true)
    const request = named('authflight.token_request').find((span) => span.parentSpanId === storm?.spanId)
    expect(request).toMatchObject({
      kind: 'CLIENT',
      traceId: storm?.traceId,
      attributes: { 'http.request.method': 'POST', 'http.response.status_code': 200 },
    })
    expect(named('authflight.discard')).toMatchObject([
      {
        parentSpanId: discarded?.spanId,
        attributes: { 'authflight.discard.reason': 'signed_out', 'authflight.discard.revocation': 'done' },
      },
    ])
  } finally {
    await receiver.stop()
  }
})
