import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask, look, openSignedIn, openSite } from './site.ts'

test('a page out of the back-forward cache still has its session', async () => {
  const site = await openSite()
  const [tab] = (await openSignedIn(site, 1)) as [Page]

  await site.leave(tab)
  await comeBack(tab)

  expect(await look(tab)).toEqual({ status: 'signed-in', revision: 1, reason: null })
  expect(await ask(tab)).toEqual({ revision: 1, error: null })
  expect(site.server.count('refresh_token')).toBe(0)
})

test('a page out of the back-forward cache takes the session that another tab has renewed, and asks the server nothing', async () => {
  const site = await openSite()
  const [tab, other] = (await openSignedIn(site, 2)) as [Page, Page]

  await site.leave(tab)
  await site.expire([other])
  expect(await ask(other)).toEqual({ revision: 2, error: null })
  await comeBack(tab)

  expect(await ask(tab)).toEqual({ revision: 2, error: null })
  expect(site.server.count('refresh_token')).toBe(1)
  expect(site.server.count(({ reused }) => reused)).toBe(0)
})

test('a page out of the back-forward cache is signed out when another tab has signed out meanwhile', async () => {
  const site = await openSite()
  const [tab, other] = (await openSignedIn(site, 2)) as [Page, Page]

  await site.leave(tab)
  await other.evaluate(() => window.tab.auth.signOut())
  await comeBack(tab)

  expect(await ask(tab)).toMatchObject({ revision: null })
  await expect
    .poll(() => look(tab), { timeout: 15_000 })
    .toEqual({ status: 'signed-out', revision: null, reason: 'other_tab' })
  expect(await tab.evaluate(() => window.tab.signedOut)).toEqual(['other_tab'])
})

/** A restored page fires no load. */
async function comeBack(tab: Page): Promise<void> {
  await tab.goBack({ waitUntil: 'commit' })
  await expect.poll(() => tab.evaluate(() => window.tab.wasRestored), { timeout: 15_000 }).toBe(true)
}
