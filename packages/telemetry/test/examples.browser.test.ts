import { trace } from '@opentelemetry/api'
import { expect, test, vi } from 'vitest'

test('the file for a Vite app sends to its own origin when the page is hidden', async () => {
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{}'))
  await import('../examples/vite.ts')
  trace.getTracer('app').startSpan('work').end()
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  document.dispatchEvent(new Event('visibilitychange'))
  await expect.poll(() => asked.mock.calls.map(([url]) => url)).toEqual([`${location.origin}/otlp/v1/traces`])
})
