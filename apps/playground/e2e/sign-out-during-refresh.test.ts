import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { order } from '../test/visitor.ts'
import { act, headline, signIn, tableRows, visitPlayground } from './visit.ts'

test('a sign-out does not wait for a refresh under way, and nothing of the session is left or comes back', async () => {
  const { openTab, log } = await visitPlayground()
  const page = await openTab()
  const spoken: string[] = []
  page.on('response', (response) => {
    if (response.url().endsWith('/token'))
      void response.text().then(
        (text) => void spoken.push(text),
        () => {},
      )
  })
  await signIn(page)

  const result = await act(page, 'Sign out during a refresh')

  expect(result).toContain('did not wait for the answer')
  expect(result).toContain('AuthRefreshDiscardedError')
  await expect
    .poll(() => headline(page))
    // The visit before the sign-in, which took its page away, is a tab too where it was in time to keep its records.
    .toMatch(
      /^Alice Liddell signed out in Tab [AB] while refresh #1 was under way\. Its new tokens were discarded and revoked\.$/,
    )
  const rows = await tableRows(page, 'Everything')
  expect(rows.find((row) => row.includes('Discard of #1'))).toContain('signed out')
  expect(rows.find((row) => row.includes('Refresh #1'))).toContain('discarded')

  // The token that was on its way is revoked once it has arrived; the one that was stored, at the sign-out.
  const revocations = async () => {
    const { entries } = await log()
    const refresh = entries.findIndex((entry) => entry.grant === 'refresh_token')
    return entries.slice(refresh + 1).filter((entry) => entry.endpoint === 'revocation')
  }
  await expect.poll(async () => (await revocations()).map(({ status }) => status)).toEqual([200, 200])
  const [discarded] = spoken.map((text) => JSON.parse(text) as { refresh_token: string }).slice(-1)
  expect(await isDead(page, discarded?.refresh_token ?? '')).toBe(true)

  const left = JSON.stringify(await readStorage(page))
  const secrets = spoken
    .flatMap((text) => Object.values(JSON.parse(text) as object))
    .filter((value) => String(value).length > 20)
  expect(secrets.length).toBeGreaterThan(4)
  for (const secret of [...secrets, 'alice', 'Liddell']) expect(left).not.toContain(String(secret))

  await page.reload()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
})

test('the answer of a refresh that a sign-out overtook does not sign anybody in after a reload either', async () => {
  const { playground, openTab } = await visitPlayground()
  const page = await openTab()
  await signIn(page)
  await order(playground, 'fault', { kind: 'delay_answer', ms: 1_500 })

  await page.getByRole('button', { name: 'Refresh now', exact: true }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await page.reload()

  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(JSON.stringify(await readStorage(page))).not.toContain('"slot:')
})

/** Whether the provider refuses this refresh token. */
function isDead(page: Page, token: string): Promise<boolean> {
  return page.evaluate(async (refreshToken) => {
    const { issuer, clientId } = (await (await fetch('/playground/config')).json()) as {
      issuer: string
      clientId: string
    }
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken })
    return (await fetch(`${issuer}/token`, { method: 'POST', body })).status === 400
  }, token)
}

/** Everything the page keeps: IndexedDB, localStorage, sessionStorage. */
function readStorage(page: Page): Promise<unknown> {
  return page.evaluate(async () => {
    const kept: unknown[] = [{ ...localStorage }, { ...sessionStorage }]
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name ?? '')
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('The database did not open.'))
      })
      for (const store of database.objectStoreNames) {
        const records = database.transaction(store).objectStore(store)
        for (const request of [records.getAllKeys(), records.getAll()]) {
          await new Promise((resolve) => (request.onsuccess = resolve))
          kept.push(request.result)
        }
      }
      database.close()
    }
    return kept
  })
}
