import type { GateSide } from '@authflight/testing'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask, look, openSignedIn, openSite, type Site, type SiteOptions, waitUntilSignedIn } from './site.ts'

test.for([
  {
    title: 'before the server has acted: the page asks once more, and the session lives',
    profile: 'strict',
    when: 'before',
    answer: { revision: 2, error: null },
    signedOut: [],
    live: 1,
  },
  {
    title: 'after an idempotent server has rotated: the page asks once more, and the session lives',
    profile: 'idempotent',
    when: 'after',
    answer: { revision: 2, error: null },
    signedOut: [],
    live: 1,
  },
  {
    title:
      'after a strict server has rotated: the page asks once more, and is signed out once, because the answer was lost',
    profile: 'strict',
    when: 'after',
    answer: { revision: null, error: 'session_ended' },
    signedOut: ['lost_answer'],
    live: 0,
  },
] as const)('a reload in the middle of a refresh, $title', async ({ profile, when, answer, signedOut, live }) => {
  const { site, tab } = await openOne({ profile })
  await site.expire([tab])
  await reloadWhilePresenting(site, tab, when)
  await site.expire([tab])

  expect(await ask(tab)).toEqual(answer)
  expect(await contentionsIn(tab)).toContain('claim_orphaned')
  expect(await tab.evaluate(() => window.tab.signedOut)).toEqual(signedOut)
  expect(site.server.count('refresh_token')).toBe(2)
  expect(site.server.liveSessions).toHaveLength(live)
})

test('a reload in the middle of a refresh while the access token lives: it is served, and the refresh token is not presented again', async () => {
  const { site, tab } = await openOne({ profile: 'strict' })
  await reloadWhilePresenting(site, tab, 'after')

  expect(await ask(tab)).toEqual({ revision: 1, error: null })
  const forced = await tab.evaluate(async () => {
    const { data, error } = await window.tab.auth.refreshSession()
    return { revision: data.session?.revision, error: error?.code }
  })
  expect(forced).toEqual({ revision: 1, error: 'refresh_unknown_outcome' })
  expect(await look(tab)).toMatchObject({ revision: 1, reason: null })
  expect(site.server.count('refresh_token')).toBe(1)
})

async function openOne(options: SiteOptions) {
  const site = await openSite(options)
  const [tab] = (await openSignedIn(site, 1)) as [Page]
  return { site, tab }
}

/** The request goes with its page, and nobody hears its answer. */
async function reloadWhilePresenting({ server }: Site<Page>, tab: Page, when: GateSide): Promise<void> {
  const { arrived } = server.hold({ grant: 'refresh_token', when })
  await tab.evaluate(() => void window.tab.auth.refreshSession())
  await arrived
  await tab.reload()
  await waitUntilSignedIn(tab)
  // The request that was held stays so; those of the new page are not.
  server.faults.clear()
}

const contentionsIn = (tab: Page) =>
  tab.evaluate(() => window.tab.records().map(({ attributes }) => attributes['authflight.contention.kind']))
