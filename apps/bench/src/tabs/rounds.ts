import type { AuthServer } from '@authflight/testing'
import type { Browser, Page } from 'playwright-core'
import type { Client } from '../clients/clients.ts'
import { createStrictServer, untilExpiry } from '../server.ts'
import { spread, type Spread } from '../statistics.ts'
import type { TabAnswer } from './page.ts'
import { serveSite } from './site.ts'

/** What rounds of simultaneous expiry in two tabs came to. */
export interface TabsResult {
  readonly client: string
  readonly rounds: number
  /** Rounds after which a tab had no access token that the server takes. */
  readonly logouts: number
  readonly requests: number
  /** Refresh tokens that came again after they were rotated. */
  readonly reuses: number
  /** Milliseconds until both tabs had their answer. */
  readonly time: Spread
}

/** Milliseconds until a round begins: long enough for both tabs to hear of it. */
const notice = 25

/** Two tabs of a browser with nothing in it, on one session of a strict server. */
export async function runRounds(browser: Browser, client: Client, rounds: number): Promise<TabsResult> {
  let passed = 0
  const server = createStrictServer(() => Date.now() + passed)
  const site = await serveSite(server, client)
  const context = await browser.newContext()
  try {
    await context.exposeFunction('authorize', (url: string) => server.authorize(url))
    await context.exposeFunction('tokens', () => server.signIn())
    const tabs = [await context.newPage(), await context.newPage()] as const
    await Promise.all(tabs.map((tab) => tab.goto(site.url)))
    await signIn(tabs)

    const seen = server.log.length
    const times: number[] = []
    let logouts = 0
    for (let round = 0; round < rounds; round += 1) {
      passed += untilExpiry
      const answers = await playRound(tabs, passed)
      times.push(Math.max(...answers.map(({ ms }) => ms)))
      if (answers.every(({ token }) => isGood(server, token))) continue
      logouts += 1
      await signIn(tabs)
    }
    const refreshes = server.log.slice(seen).filter(({ grant }) => grant === 'refresh_token')
    const reuses = refreshes.filter(({ reused }) => reused).length
    return { client: client.name, rounds, logouts, requests: refreshes.length, reuses, time: spread(times) }
  } finally {
    await context.close()
    await site.close()
  }
}

async function playRound(tabs: readonly Page[], passed: number): Promise<TabAnswer[]> {
  await Promise.all(tabs.map((tab) => tab.evaluate((ms) => window.bench?.passTime(ms), passed)))
  const instant = Date.now() + notice
  const answers = await Promise.all(tabs.map((tab) => tab.evaluate((at) => window.bench?.askAt(at), instant)))
  return answers.map((answer) => answer ?? { token: null, ms: 0 })
}

const isGood = (server: AuthServer, token: string | null): boolean =>
  token !== null &&
  server.accessOf(new Request(server.issuer, { headers: { authorization: `Bearer ${token}` } })) !== null

/** Signs in in the first tab; the second finds the session where the client keeps it. */
async function signIn([first, second]: readonly [Page, Page]): Promise<void> {
  await first.waitForFunction(() => window.bench !== undefined)
  // A client that leaves the page for its sign-in takes the call with it.
  await first.evaluate(() => window.bench?.signIn()).catch(() => {})
  await first.waitForFunction(async () => (await window.bench?.token()) ?? null)
  await second.reload()
  await second.waitForFunction(async () => (await window.bench?.token()) ?? null)
}
