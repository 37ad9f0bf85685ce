import { expect, test } from 'vitest'
import { act, headline, signIn, tableRows, visitPlayground } from './visit.ts'

test('a thousand calls on an expired token: one token request, a thousand answers 200, one flight with 999 waiters', async () => {
  const { openTab, log } = await visitPlayground()
  const page = await openTab()
  await signIn(page)
  const { refreshRequests: before } = await log()

  await act(page, 'Expire now')
  const result = await act(page, 'Call ×1,000')

  expect(result).toContain('1,000 × 200')
  expect(result).toContain('0 failures')
  expect((await log()).refreshRequests - before).toBe(1)
  expect(await headline(page)).toMatch(
    /^All is well: 1 refresh served 1,000 callers in .+ and saved 999 token requests\. Generation 1 → 2\.$/,
  )
  const flights = (await tableRows(page, 'Refreshes')).filter((row) => row.includes('Refresh #'))
  expect(flights).toHaveLength(1)
  expect(flights[0]).toMatch(/rotated.*\b999\b.*1 → 2/s)
})

test('the panel opens late and still shows what happened before', async () => {
  const { openTab } = await visitPlayground()
  const page = await openTab()
  const dock = page.getByRole('button', { name: 'Refresh timeline' })
  await dock.click()
  await page.getByRole('region', { name: 'Auth devtools' }).waitFor({ state: 'detached' })
  await signIn(page)
  await act(page, 'Expire now')
  await act(page, 'Call ×10')

  await dock.click()

  await expect.poll(() => headline(page)).toMatch(/^All is well: 1 refresh served 10 callers/)
})
