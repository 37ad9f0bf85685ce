import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask, look, openSignedIn, openSite } from './site.ts'

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
