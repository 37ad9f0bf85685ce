import { delayAnswer } from '@authflight/testing'
import { expect } from 'vitest'
import type { TabHandle } from './browsers.ts'
import { openSignedIn, type Site } from './site.ts'

/** `AUTHFLIGHT_ROUNDS` asks for more, for a run by hand. */
const defaultRounds = Number(process.env.AUTHFLIGHT_ROUNDS ?? 25)

/** Milliseconds that so many rounds may take, with the start of a browser. */
export const roundsTimeout = 120_000 + defaultRounds * 1_000

/** Milliseconds until a round begins: long enough for all tabs to hear of it. */
const notice = 40

/** Lets so many tabs find their session expired in the same instant, again and again. */
export const playRounds = async <Tab extends TabHandle>(site: Site<Tab>, count: number): Promise<void> =>
  playRoundsIn(site, await openSignedIn(site, count))

/** The same in tabs that are there already, signed in to one session. */
export async function playRoundsIn<Tab extends TabHandle>(
  site: Site<Tab>,
  tabs: readonly Tab[],
  rounds = defaultRounds,
): Promise<void> {
  const { server } = site
  // Long enough for every tab to ask while the first one waits.
  server.faults.always(delayAnswer(30))

  const requests: number[] = []
  const tokens = new Set<string | null>()
  for (let round = 0; round < rounds; round += 1) {
    const before = server.count('refresh_token')
    await site.expire(tabs)
    const answers = await askTogether(tabs)
    expect(new Set(answers).size).toBe(1)
    tokens.add(answers[0] ?? null)
    requests.push(server.count('refresh_token') - before)
  }

  expect(requests).toEqual(Array.from({ length: rounds }, () => 1))
  expect(server.count(({ reused }) => reused)).toBe(0)
  expect(tokens).not.toContain(null)
  expect(tokens.size).toBe(rounds)
  for (const tab of tabs) expect(await tab.evaluate(() => window.tab.signedOut)).toEqual([])
}

function askTogether(tabs: readonly TabHandle[]): Promise<(string | null)[]> {
  const instant = Date.now() + notice
  return Promise.all(tabs.map((tab) => tab.evaluate((at) => window.tab.askAt(at), instant)))
}
