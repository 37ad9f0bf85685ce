import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { withFieldMore, withNewRecords } from './later-version.ts'
import { playRoundsIn } from './rounds.ts'
import { ask, look, openSignedInAt, openSite, waitUntil, waitUntilSignedIn } from './site.ts'

// Tabs that were opened before and after a deployment: each has a build of its own, and the database is the browser's.

test('two builds of one version share each refresh', async () => {
  const site = await openSite({ builds: { minified: { minify: true } } })
  await playRoundsIn(site, await openSignedInAt(site, ['', 'minified']), 10)
})

test.for([
  ['', 'extended'],
  ['extended', ''],
] as const)(
  'a later version whose records this one may write shares each refresh, and keeps its field (signed in at "/%s", then "/%s")',
  async (addresses) => {
    const site = await openSite({ builds: { extended: withFieldMore } })
    const tabs = await openSignedInAt(site, addresses)
    await playRoundsIn(site, tabs, 10)
    const [older, later] = order(tabs, addresses)

    await force(later)
    await force(older)
    expect(await slotsSeenBy(older)).toEqual([expect.objectContaining({ v: 1, later: 'kept' })])
  },
)

test.for([
  { first: 'the newer', addresses: ['newer', ''] },
  { first: 'the older', addresses: ['', 'newer'] },
] as const)(
  'a session that a newer version has written is served by the older tab, and left as it is; $first was first',
  async ({ addresses }) => {
    const { site, older, newer } = await openBoth(addresses)
    const { server } = site
    const refreshes = server.count('refresh_token')
    const [written] = await slotsSeenBy(older)
    expect(written).toMatchObject({ v: 2, later: 'kept' })

    // While its access token lives.
    const { revision } = await ask(newer)
    expect(await ask(older)).toEqual({ revision, error: null })
    expect(await look(older)).toEqual({ status: 'signed-in', revision, reason: null })

    // By hand, or because it has run out: the older one asks for a reload instead.
    expect(await force(older)).toEqual({ revision, error: askedToReload })
    await site.expire([older, newer])
    expect(await ask(older)).toEqual({ revision, error: 'storage_error' })
    expect(await look(older)).toEqual({ status: 'stale', revision, reason: null })
    expect(await slotsSeenBy(older)).toEqual([written])
    expect(server.count('refresh_token')).toBe(refreshes)

    // What the newer one gets is for both.
    expect(await ask(newer)).toEqual({ revision: revision! + 1, error: null })
    await waitUntilSignedIn(older)
    expect(await ask(older)).toEqual({ revision: revision! + 1, error: null })
    expect(await tokenOf(older)).toBe(await tokenOf(newer))

    for (const tab of [older, newer]) expect(await tab.evaluate(() => window.tab.signedOut)).toEqual([])
    expect(server.count('refresh_token')).toBe(refreshes + 1)
    expect(server.count(({ reused }) => reused)).toBe(0)
    expect(server.liveSessions).toHaveLength(1)
  },
)

test('both ask in the instant in which the session of the newer version expires: one request, and nobody is signed out', async () => {
  const { site, older, newer } = await openBoth(['newer', ''])
  for (let round = 1; round <= 10; round += 1) {
    await site.expire([older, newer])
    const instant = Date.now() + 40
    await Promise.all([older, newer].map((tab) => tab.evaluate((at) => window.tab.askAt(at), instant)))
    expect(await ask(newer)).toEqual({ revision: round + 1, error: null })
    await waitUntilSignedIn(older)
    expect(await ask(older)).toEqual({ revision: round + 1, error: null })
    expect(site.server.count('refresh_token')).toBe(round)
  }
  expect(site.server.count(({ reused }) => reused)).toBe(0)
  for (const tab of [older, newer]) expect(await tab.evaluate(() => window.tab.signedOut)).toEqual([])
})

test('the newer tab is closed: the older one serves the session, asks for a reload when it expires, and has it again after one', async () => {
  const { site, older, newer } = await openBoth(['', 'newer'])
  const { revision } = await ask(newer)
  const [written] = await slotsSeenBy(older)
  await newer.close()

  expect(await ask(older)).toEqual({ revision, error: null })
  await site.expire([older])
  expect(await ask(older)).toEqual({ revision, error: 'storage_error' })
  expect(await force(older)).toEqual({ revision, error: askedToReload })
  expect(await look(older)).toEqual({ status: 'stale', revision, reason: null })
  expect(await slotsSeenBy(older)).toEqual([written])

  // The deployment is there by now.
  await older.goto(`${site.url}/newer`)
  await waitUntil(older, () => window.tab !== undefined)
  await site.expire([older])
  expect(await ask(older)).toEqual({ revision: revision! + 1, error: null })
  expect(site.server.count(({ reused }) => reused)).toBe(0)
  expect(site.server.liveSessions).toHaveLength(1)
})

test.for(['the older', 'the newer'] as const)(
  'a sign-out in %s tab ends the session of the newer version for both, and revokes it',
  async (whose) => {
    const { site, older, newer } = await openBoth(['newer', ''])
    const [own, other] = whose === 'the older' ? [older, newer] : [newer, older]
    expect(await own.evaluate(async () => (await window.tab.auth.signOut()).error)).toBeNull()

    await waitUntil(other, () => window.tab.auth.getSnapshot().status === 'signed-out')
    expect(await look(other)).toMatchObject({ reason: 'other_tab' })
    expect(await slotsSeenBy(other)).toEqual([])
    await expect.poll(() => site.server.liveSessions).toEqual([])
  },
)

/** A tab with this version and one with a newer one, on a session that the newer one has written. */
async function openBoth(addresses: readonly [string, string]) {
  const site = await openSite({ builds: { newer: withNewRecords } })
  const tabs = await openSignedInAt(site, addresses)
  const [older, newer] = order(tabs, addresses)
  if (addresses[0] === '') {
    await force(newer)
    await older.waitForFunction(() => {
      const snapshot = window.tab.auth.getSnapshot()
      return 'session' in snapshot && snapshot.session.revision === 2
    })
  }
  return { site, older, newer }
}

/** The tab of this version first. */
const order = (tabs: readonly Page[], [address]: readonly string[]): [Page, Page] =>
  (address === '' ? tabs : tabs.toReversed()) as [Page, Page]

const askedToReload = expect.stringMatching(/newer version.*Reload the page/)

/** A refresh by hand, and what is said of it. */
const force = (tab: Page) =>
  tab.evaluate(async () => {
    const { data, error } = await window.tab.auth.refreshSession()
    return { revision: data.session?.revision ?? null, error: error?.message ?? null }
  })

const tokenOf = (tab: Page) => tab.evaluate(() => window.tab.auth.getAccessToken())

/** The sessions as they are stored, whichever version wrote them. */
const slotsSeenBy = (tab: Page) =>
  tab.evaluate(
    () =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open('authflight')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const slots = opening.result
            .transaction('records')
            .objectStore('records')
            .getAll(IDBKeyRange.bound('slot:', 'slot:\uffff'))
          slots.onerror = () => reject(slots.error)
          slots.onsuccess = () => {
            opening.result.close()
            resolve(slots.result)
          }
        }
      }),
  )
