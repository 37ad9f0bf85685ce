import { expect, test } from 'vitest'
import { act, signIn, visitPlayground, withoutPanel } from './visit.ts'

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly cat: string
  readonly args?: { readonly detail?: string; readonly data?: { readonly detail?: string } }
}

test('what the Performance panel of the browser records has the flights on tracks of their own', async () => {
  const { openTab, context } = await visitPlayground(undefined, withoutPanel)
  const page = await openTab()
  await signIn(page)
  const browser = context.browser()
  if (!browser) throw new Error('A context without a browser cannot be traced.')
  await browser.startTracing(page, { categories: ['blink.user_timing'] })
  await act(page, 'Refresh now')
  await act(page, 'Sign out')
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }

  const shown = traceEvents.filter(({ name }) => name.startsWith('authflight'))
  const refresh = shown.find(({ name, ph }) => name === 'authflight.refresh: rotated' && ph === 'b')
  expect(JSON.parse(refresh?.args?.detail ?? '{}')).toMatchObject({
    devtools: { dataType: 'track-entry', trackGroup: 'Authflight', track: 'Refreshes', color: 'primary' },
  })
  const mark = shown.find(({ name }) => name === 'authflight: session ended: signed out here')
  expect(JSON.parse(mark?.args?.data?.detail ?? '{}')).toMatchObject({ devtools: { dataType: 'marker' } })
  // The page's own list of user timings does not grow.
  expect(
    await page.evaluate(() => performance.getEntries().filter(({ name }) => name.startsWith('authflight')).length),
  ).toBe(0)
})
