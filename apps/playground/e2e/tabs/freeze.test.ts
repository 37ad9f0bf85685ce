import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openBareBrowser } from './bare-browser.ts'
import { ask, look, openSignedIn, openSite, waitUntil } from './site.ts'

test('a tab that was frozen while another renewed the session has the new one when it resumes, and presents nothing', async () => {
  const site = await openSite({ context: await openBareBrowser() })
  const [tab, other] = (await openSignedIn(site, 2)) as [Page, Page]

  const thaw = await freeze(tab)
  await site.expire([other])
  expect(await ask(other)).toEqual({ revision: 2, error: null })
  await thaw()

  expect(await ask(tab)).toEqual({ revision: 2, error: null })
  expect(site.server.count('refresh_token')).toBe(1)
  expect(site.server.count(({ reused }) => reused)).toBe(0)
})

test('a tab that is frozen before its answer comes keeps its claim: another waits for it, and the token is presented once', async () => {
  const site = await openSite({ context: await openBareBrowser() })
  const [tab, other] = (await openSignedIn(site, 2)) as [Page, Page]
  await site.expire([tab, other])
  const gate = site.server.hold({ grant: 'refresh_token', when: 'after' })
  await tab.evaluate(() => void window.tab.auth.getSession())
  await gate.arrived

  const thaw = await freeze(tab)
  gate.release()
  const answer = ask(other)
  await waitUntil(other, () =>
    window.tab.records().some(({ attributes }) => attributes['authflight.contention.kind'] === 'claim_wait'),
  )
  await thaw()

  expect(await answer).toEqual({ revision: 2, error: null })
  expect(await ask(tab)).toEqual({ revision: 2, error: null })
  expect(site.server.count('refresh_token')).toBe(1)
})

test('a tab that resumes after another has signed out is signed out, without being asked', async () => {
  const site = await openSite({ context: await openBareBrowser() })
  const [tab, other] = (await openSignedIn(site, 2)) as [Page, Page]

  const thaw = await freeze(tab)
  await other.evaluate(() => window.tab.auth.signOut())
  await thaw()

  await expect
    .poll(() => look(tab), { timeout: 15_000 })
    .toEqual({ status: 'signed-out', revision: null, reason: 'other_tab' })
})

/** Gives the way to let the tab run again. The client must have heard of both. */
async function freeze(tab: Page): Promise<() => Promise<void>> {
  const devtools = await tab.context().newCDPSession(tab)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await waitForState(tab, 'frozen')
  return async () => {
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    await waitForState(tab, 'resumed')
  }
}

function waitForState(tab: Page, state: string): Promise<void> {
  const states = () =>
    tab.evaluate(() => window.tab.records().map(({ attributes }) => attributes['authflight.page.state']))
  return expect.poll(states, { timeout: 15_000 }).toContain(state)
}
