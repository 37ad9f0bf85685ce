import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask, look, openSignedIn, openSite, type Site, waitUntil } from './site.ts'

test('a page whose IndexedDB refuses to open keeps its session in memory, and says so once', async () => {
  const site = await openSite()
  await site.context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('Denied.', 'SecurityError')
    }
  })
  const said: string[] = []
  site.context.on('console', (message) => message.type() === 'warning' && said.push(message.text()))
  const tab = await site.openTab()
  await signInWithoutLeaving(site, tab)
  expect(await look(tab)).toEqual({ status: 'signed-in', revision: 1, reason: null })

  await site.expire([tab])
  expect(await ask(tab)).toEqual({ revision: 2, error: null })
  expect(said).toEqual([expect.stringMatching(/IndexedDB could not be opened.*memory only/)])

  await tab.reload()
  await waitUntil(tab, () => window.tab?.auth.getSnapshot().status === 'signed-out')
  expect(site.server.count('refresh_token')).toBe(1)
})

test('a page whose IndexedDB never opens stays restoring and answers timeout; nobody is told to sign in', async () => {
  const site = await openSite()
  await site.context.addInitScript(() => {
    IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest
  })
  const tab = await site.openTab('?patience=300')

  expect(await ask(tab)).toEqual({ revision: null, error: 'timeout' })
  expect(await look(tab)).toEqual({ status: 'restoring', revision: null, reason: null })
  expect(await tab.evaluate(() => window.tab.signedOut)).toEqual([])
})

test('a session whose database is deleted under way by another page ends in every tab, because storage was cleared', async () => {
  const site = await openSite()
  const tabs = await openSignedIn(site, 2)
  const other = await site.openElsewhere()

  const outcome = await other.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.deleteDatabase('authflight')
        request.onsuccess = () => resolve('deleted')
        request.onerror = () => resolve('refused')
      }),
  )
  expect(outcome).toBe('deleted')
  await site.expire(tabs)

  for (const tab of tabs as [Page, Page]) {
    expect(await ask(tab)).toMatchObject({ revision: null })
    expect(await look(tab)).toEqual({ status: 'signed-out', revision: null, reason: 'storage_cleared' })
    expect(await tab.evaluate(() => window.tab.signedOut)).toEqual(['storage_cleared'])
  }
  expect(site.server.count('refresh_token')).toBe(0)
})

/** A page that keeps its session in memory must not be left: the way through the server is gone for it, and comes back as an address. */
async function signInWithoutLeaving(site: Site<Page>, tab: Page): Promise<void> {
  const left = new Promise<string>((resolve) => {
    void tab.route('**/authorize?*', async (route) => {
      // An answer without content leaves the page where it is.
      await route.fulfill({ status: 204 })
      resolve(route.request().url())
    })
  })
  await tab.evaluate(() => void window.tab.auth.signIn())
  const address = await site.server.authorize(await left)
  await tab.evaluate((callback) => window.tab.auth.handleRedirect(callback), address)
}
