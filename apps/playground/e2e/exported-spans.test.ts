import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BrowserContext } from 'playwright-core'
import { readRecording } from '@authflight/devtools/formats'
import { explain } from '@authflight/devtools/report'
import { expect, inject, onTestFinished, test } from 'vitest'
import { bundleViewer } from '../../../packages/devtools/build-viewer.ts'
import { startReceiver } from '../server/otlp-receiver/receiver.ts'
import type { Page } from '../server/page.ts'
import { act, signIn, visitPlayground } from './visit.ts'

/** Milliseconds. Reading all traces costs the receiver more than taking them in, so it is not asked all the time. */
const patience = { timeout: 60_000, interval: 1_000 }

/** The page that is built already, from the playground that all tests share. */
const sharedPage = (): Page => ({
  async serve(_request, response, { pathname }) {
    const from = await fetch(new URL(pathname, inject('shared').url))
    response.writeHead(from.status, { 'content-type': from.headers.get('content-type') ?? 'text/plain' })
    response.end(Buffer.from(await from.arrayBuffer()))
  },
  close: async () => {},
})

test('what startTelemetry() sends of a storm arrives at an OTLP receiver: spans with their parents and links, and metrics', async () => {
  const receiver = await startReceiver()
  try {
    const { openTab, context } = await visitPlayground({
      collector: new URL(receiver.url),
      traceView: receiver.url,
      page: sharedPage(),
    })
    const page = await openTab()
    let sent = 0
    page.on('requestfinished', (request) => {
      if (request.url().endsWith('/v1/traces')) sent += request.postData()?.match(/"authflight\.wait"/g)?.length ?? 0
    })
    await signIn(page)
    await act(page, 'Expire now')
    await act(page, 'Call ×1,000')
    await act(page, 'Sign out during a refresh')

    // What is on its way is let through first: a receiver that is read all the while takes nothing in.
    await expect.poll(() => sent, patience).toBeGreaterThanOrEqual(999)
    const read = async () => (await receiver.readTraces()).flatMap((trace) => trace.spans)
    await expect
      .poll(async () => (await read()).filter(({ name }) => name === 'authflight.wait').length, patience)
      .toBe(999)
    await expect.poll(async () => (await read()).filter(({ kind }) => kind === 'SERVER').length, patience).toBe(1_000)
    await expect.poll(async () => (await read()).some(({ name }) => name === 'authflight.discard'), patience).toBe(true)
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

    // Each call of the page's has the API's span below it, and one of them the refresh: all in one trace.
    const calls = new Map(named('GET /api/items/:n').map((span) => [span.spanId, span]))
    const served = named('GET /api/items/:n').filter(({ kind }) => kind === 'SERVER')
    expect(served.every((span) => calls.get(span.parentSpanId ?? '')?.kind === 'CLIENT')).toBe(true)
    expect(served.filter(({ traceId }) => traceId === storm?.traceId)).toHaveLength(1)
    expect(storm?.parentSpanId).toBe(served.find(({ traceId }) => traceId === storm?.traceId)?.parentSpanId)

    const panel = page.getByRole('region', { name: 'Auth devtools' })
    await panel.getByRole('button', { name: /^Show/ }).first().click()
    await panel.getByRole('application').first().press('n')
    const link = await panel.getByRole('link', { name: 'Open its trace' }).getAttribute('href')
    const view = await context.newPage()
    await view.goto(link ?? '')
    await view.getByText('authflight.refresh').first().waitFor()

    // Metrics go each minute, and with what is left when the page is.
    await page.goto('about:blank')
    const waited = async () =>
      (await receiver.readMetric('authflight.wait.duration')).map(({ service, temporality, attributes, points }) => ({
        service,
        temporality,
        attributes,
        count: points.reduce((sum, { count = 0 }) => sum + count, 0),
      }))
    await expect.poll(waited, patience).toEqual([
      {
        service: 'authflight-playground',
        temporality: 'delta',
        attributes: { 'authflight.wait.outcome': 'rotated' },
        count: 999,
      },
    ])

    await opensInViewer(JSON.stringify({ traces: await receiver.readTraces() }), context)
  } finally {
    await receiver.stop()
  }
})

/** What a receiver gives back is a file that the viewer reads, and explains as `explain` does. */
async function opensInViewer(text: string, context: BrowserContext): Promise<void> {
  const { sentence, reason } = explain(readRecording(text))
  const folder = await mkdtemp(join(tmpdir(), 'authflight-traces-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'viewer.html'), await bundleViewer())
  const viewer = await context.newPage()
  await viewer.goto(pathToFileURL(join(folder, 'viewer.html')).href)
  await viewer
    .getByLabel('Recording')
    .setInputFiles({ name: 'traces.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  await viewer.getByText(sentence).first().waitFor()
  expect(reason).toBe('signed_out_during_refresh')
}
