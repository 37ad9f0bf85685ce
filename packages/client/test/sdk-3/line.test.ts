import { expect, test } from 'vitest'
import { startSdk as startServersSdk } from '../../../server/test/support/observe.ts'
import { setUp } from '../support/app.ts'
import { startSdk } from '../support/observe.ts'

test('this run is one of the third line, with its API', async () => {
  const { exporter } = startSdk()
  const { createClient, signIn } = setUp()
  await signIn(createClient())
  const [span] = exporter.getFinishedSpans()
  const api = (globalThis as Record<symbol, { version?: string } | undefined>)[Symbol.for('opentelemetry.js.api.1')]
  expect([span?.resource.attributes['telemetry.sdk.version'], api?.version]).toEqual(['3.1.1', '1.10.0'])
})

test('so is that of the server side', () => {
  const { exporter, within } = startServersSdk()
  within(() => {}).span.end()
  expect(exporter.getFinishedSpans()[0]?.resource.attributes['telemetry.sdk.version']).toBe('3.1.1')
})
