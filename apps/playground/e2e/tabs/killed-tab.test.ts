import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { order } from '../../test/visitor.ts'
import { act, signIn, type Visit, visitPlayground } from '../visit.ts'
import { ask, openSignedIn, openSite } from './site.ts'

test('a tab closed before its request has left: the session lives in the other tab, and the token is presented once', async () => {
  const visit = await visitPlayground()
  const [one, two] = await openTwo(visit)
  await act(one, 'Expire now')
  const held = await holdRefresh(one)
  await one.getByRole('button', { name: 'Call once' }).click()
  await held()

  await one.close({ runBeforeUnload: false })
  const result = await act(two, 'Call once')

  expect(result).toContain('1 × 200')
  await two.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  const { refreshRequests, entries } = await visit.log()
  expect(refreshRequests).toBe(1)
  expect(entries.filter(({ error }) => error !== undefined)).toEqual([])
})

test('a tab closed after the provider has rotated: the other one is signed out once, because the answer was lost', async () => {
  const visit = await visitPlayground()
  const [one, two] = await openTwo(visit)
  await act(one, 'Expire now')
  // Held back until the fault is lifted.
  await order(visit.playground, 'fault', { kind: 'delay_answer', ms: 600_000 })
  await one.getByRole('button', { name: 'Call once' }).click()
  await expect.poll(async () => (await visit.log()).refreshRequests, { timeout: 15_000 }).toBe(1)

  await one.close({ runBeforeUnload: false })
  await order(visit.playground, 'fault', { kind: 'none' })
  await two.getByRole('button', { name: 'Call once' }).click()

  await two.getByText('The answer to a refresh got lost after the server had rotated the token.').waitFor()
  expect((await visit.log()).refreshRequests).toBe(2)
})

test.for([
  {
    profile: 'strict',
    end: 'is signed out once',
    answer: { revision: null, error: 'session_ended' },
    signedOut: ['lost_answer'],
    live: 0,
  },
  { profile: 'idempotent', end: 'stays signed in', answer: { revision: 2, error: null }, signedOut: [], live: 1 },
] as const)(
  'a tab crashes after a server that is $profile has rotated: the other asks once more and $end',
  async ({ profile, answer, signedOut, live }) => {
    const site = await openSite({ profile })
    const { server } = site
    const [one, two] = (await openSignedIn(site, 2)) as [Page, Page]
    await site.expire([one, two])
    const gate = server.hold({ grant: 'refresh_token', when: 'after' })
    await one.evaluate(() => void window.tab.auth.getSession())
    await gate.arrived

    await crash(one)
    gate.release()

    expect(await ask(two)).toEqual(answer)
    expect(await two.evaluate(() => window.tab.signedOut)).toEqual(signedOut)
    expect(server.count('refresh_token')).toBe(2)
    expect(server.liveSessions).toHaveLength(live)
  },
)

async function openTwo({ openTab }: Visit): Promise<[Page, Page]> {
  const one = await openTab()
  await signIn(one)
  const two = await openTab()
  await two.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  return [one, two]
}

/** Keeps refreshes in the tab, whose claims are made by then. Gives the way to wait for the first. */
async function holdRefresh(tab: Page): Promise<() => Promise<void>> {
  const holding = await tab.evaluateHandle(() => {
    const { fetch } = window
    const first = new Promise<void>((resolve) => {
      window.fetch = (input, init) => {
        const url = input instanceof Request ? input.url : String(input)
        if (init?.method !== 'POST' || !url.endsWith('/token')) return fetch(input, init)
        resolve()
        return new Promise(() => {})
      }
    })
    return { first }
  })
  return () => holding.evaluate(({ first }) => first)
}

async function crash(tab: Page): Promise<void> {
  const crashed = tab.waitForEvent('crash')
  const devtools = await tab.context().newCDPSession(tab)
  // Nobody is left to answer.
  void devtools.send('Page.crash').catch(() => {})
  await crashed
}
