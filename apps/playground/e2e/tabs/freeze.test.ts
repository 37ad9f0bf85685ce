import type { Page } from 'puppeteer-core'
import { expect, test } from 'vitest'
import { openFreezableChromium } from './browsers.ts'
import { freeze, freezeAnywhere } from './frozen-tab.ts'
import { ask, look, openSignedIn, openSiteIn, type SiteOptions, waitUntil, waitUntilSignedIn } from './site.ts'

test('a tab that was frozen while another renewed the session reads again before it answers, and presents nothing', async () => {
  const { site, tab, other } = await openPair()

  const thaw = await freeze(tab)
  await site.expire([other])
  expect(await ask(other)).toEqual({ revision: 2, error: null })
  const answer = askOnResume(tab)
  await thaw()

  // Its own token has not run out by its own clock: only the store can tell it that there is a newer one.
  expect(await answer).toEqual({ revision: 2, error: null })
  expect(site.server.count('refresh_token')).toBe(1)
  expect(await signedOutIn(tab, other)).toEqual([[], []])
})

test('a tab that is frozen before its answer comes keeps its claim: another waits for it, and the token is presented once', async () => {
  const { site, tab, other } = await openPair()
  const thaw = await freezeWhilePresenting(site, tab, other)

  const answer = ask(other)
  await waitUntil(other, () =>
    window.tab.records().some(({ attributes }) => attributes['authflight.contention.kind'] === 'claim_wait'),
  )
  await thaw()

  expect(await answer).toEqual({ revision: 2, error: null })
  expect(await ask(tab)).toEqual({ revision: 2, error: null })
  expect(site.server.count('refresh_token')).toBe(1)
  expect(await signedOutIn(tab, other)).toEqual([[], []])
})

test.for([
  {
    profile: 'idempotent',
    end: 'both hold what the other got',
    answer: { revision: 2, error: null },
    state: { status: 'signed-in', revision: 2, reason: null },
    signedOut: [],
  },
  {
    profile: 'strict',
    end: 'both are signed out once, because the answer was lost',
    answer: { revision: null, error: 'session_ended' },
    state: { status: 'signed-out', revision: null, reason: 'lost_answer' },
    signedOut: ['lost_answer'],
  },
] as const)(
  'a tab is frozen until another has given it up and asked a server that is $profile again: $end',
  async ({ profile, answer, state, signedOut }) => {
    const { site, tab, other } = await openPair({ profile }, ['?requestLimit=1000', '?patience=60000'])
    const thaw = await freezeWhilePresenting(site, tab, other)
    await other.evaluate(letTimeFly)

    expect(await ask(other)).toEqual(answer)
    await thaw()

    for (const each of [tab, other]) await expect.poll(() => look(each), { timeout: 15_000 }).toEqual(state)
    expect(await ask(tab)).toMatchObject({ revision: answer.revision })
    expect(site.server.count('refresh_token')).toBe(2)
    expect(await signedOutIn(tab, other)).toEqual([signedOut, signedOut])
  },
)

test('a tab that resumes after another has signed out is signed out, without being asked', async () => {
  const { tab, other } = await openPair()

  const thaw = await freeze(tab)
  await other.evaluate(() => window.tab.auth.signOut())
  await thaw()

  await expect
    .poll(() => look(tab), { timeout: 15_000 })
    .toEqual({ status: 'signed-out', revision: null, reason: 'other_tab' })
  expect(await signedOutIn(tab)).toEqual([['other_tab']])
})

test('a tab that is frozen in the middle of a transaction holds up the others: they answer timeout, and go on when it does', async () => {
  const { site, tab, other } = await openPair({}, ['', '?patience=300'])
  await tab.evaluate(keepTransacting)
  await site.expire([tab, other])

  const thaw = await freezeAnywhere(tab)
  expect(await ask(other)).toMatchObject({ revision: 1, error: 'timeout' })
  expect(await look(other)).toEqual({ status: 'stale', revision: 1, reason: null })
  await thaw()

  await expect.poll(() => ask(other), { timeout: 15_000 }).toEqual({ revision: 2, error: null })
  expect(site.server.count('refresh_token')).toBe(1)
  expect(await signedOutIn(tab, other)).toEqual([[], []])
})

/** `queries`: those of the two pages. */
async function openPair(options?: SiteOptions, queries?: readonly [string, string]) {
  const site = await openSiteIn(await openFreezableChromium(), options)
  const [tab, other] = (await openSignedIn(site, 2)) as [Page, Page]
  // The way back from a sign-in has a query of its own.
  if (queries) await Promise.all([tab, other].map((each, at) => each.goto(`${site.url}/${queries[at]}`)))
  await Promise.all([tab, other].map(waitUntilSignedIn))
  return { site, tab, other }
}

type Pair = Awaited<ReturnType<typeof openPair>>

/** The server has rotated, and its answer reaches a tab that does not run. */
async function freezeWhilePresenting(site: Pair['site'], tab: Page, other: Page): Promise<() => Promise<void>> {
  await site.expire([tab, other])
  const gate = site.server.hold({ grant: 'refresh_token', when: 'after' })
  await tab.evaluate(() => void window.tab.auth.getSession())
  await gate.arrived
  const thaw = await freeze(tab)
  gate.release()
  return thaw
}

/** Asks as an app does that hears of the same moment as the client, and before anything else has run. */
const askOnResume = (tab: Page): ReturnType<typeof ask> =>
  tab.evaluate(async () => {
    await new Promise((resolve) => document.addEventListener('resume', resolve))
    const { data, error } = await window.tab.auth.getSession()
    return { revision: data.session?.revision ?? null, error: error?.code ?? null }
  })

/** Ten times as fast on the clock for waits, so that nobody waits long for a tab that does not answer. */
function letTimeFly(): void {
  const now = performance.now.bind(performance)
  performance.now = () => now() * 10
}

/** Resolves when the transaction has begun, which then goes on as long as the page runs. */
function keepTransacting(): Promise<void> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('authflight')
    opening.onsuccess = () => {
      const records = opening.result.transaction('records', 'readwrite').objectStore('records')
      let isOver = false
      document.addEventListener('resume', () => (isOver = true))
      const goOn = (): void => {
        resolve()
        if (!isOver) records.count().onsuccess = goOn
      }
      goOn()
    }
  })
}

const signedOutIn = (...tabs: readonly Page[]) =>
  Promise.all(tabs.map((tab) => tab.evaluate(() => window.tab.signedOut)))
