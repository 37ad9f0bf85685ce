import { fileURLToPath } from 'node:url'
import { type AuthServer, type AuthServerOptions, createAuthServer } from '@authflight/testing'
import { serve } from '@authflight/testing/node'
import type { BrowserContext, Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { onTestFinished } from 'vitest'
import { launch } from '../visit.ts'
import type {} from './page.ts'

export interface SiteOptions extends Pick<AuthServerOptions, 'profile'> {
  /** Default: that of a browser of its own, with a back-forward cache, which Playwright's has not by default. */
  readonly context?: BrowserContext
}

export interface Site {
  readonly server: AuthServer
  readonly context: BrowserContext
  /** A new tab of the same browser, on a page with nothing but a client in it. */
  openTab(query?: string): Promise<Page>
  /** A new tab on a page of the same origin without a client. */
  openElsewhere(): Promise<Page>
  /** Leaves the page that a tab shows, for one without a client. */
  leave(tab: Page): Promise<unknown>
  /** Lets every access token run out in these tabs and at the server, in the same instant, as time does. */
  expire(tabs: readonly Page[]): Promise<void>
}

/** Seconds. */
const accessTokenTtl = 300

/** A small page and the model of an authorization server on one origin, over HTTP, and a browser on it; gone when the test ends. */
export async function openSite({ profile = 'strict', ...options }: SiteOptions = {}): Promise<Site> {
  let passed = 0
  const server = createAuthServer({ profile, accessTokenTtl, now: () => Date.now() + passed })
  const script = await bundlePage()
  const html = (head: string) => () =>
    new Response(`<!doctype html><meta charset="utf-8"><title>Tab</title><link rel="icon" href="data:,">${head}`, {
      headers: { 'content-type': 'text/html; charset=utf-8' },
    })
  const files = new Map([
    ['/', html('<script type="module" src="/page.js"></script>')],
    ['/elsewhere', html('')],
    ['/page.js', () => new Response(script, { headers: { 'content-type': 'text/javascript; charset=utf-8' } })],
  ])
  const handle: AuthServer['handle'] = async (request) =>
    files.get(new URL(request.url).pathname)?.() ?? server.handle(request)
  const served = await serve({ ...server, handle })
  onTestFinished(() => served.close())
  const context = options.context ?? (await openBrowser())

  async function open(path: string): Promise<Page> {
    const tab = await context.newPage()
    await tab.goto(served.url + path)
    return tab
  }
  return {
    server,
    context,
    async openTab(query = '') {
      const tab = await open(`/${query}`)
      await waitUntil(tab, () => window.tab !== undefined)
      return tab
    },
    openElsewhere: () => open('/elsewhere'),
    leave: (tab) => tab.goto(`${served.url}/elsewhere`),
    async expire(tabs) {
      passed += accessTokenTtl * 2_000
      await Promise.all(tabs.map((tab) => tab.evaluate((ms) => window.tab.passTime(ms), passed)))
    },
  }
}

async function openBrowser(): Promise<BrowserContext> {
  const browser = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  onTestFinished(() => browser.close())
  return browser.newContext()
}

/** Goes to the server and comes back with a session. */
async function signIn(tab: Page): Promise<void> {
  // The navigation takes the call with it.
  await tab.evaluate(() => void window.tab.auth.signIn())
  await waitUntil(tab, () => window.tab?.auth.getSnapshot().status === 'signed-in')
}

/** Tabs of one browser, all signed in to one session. */
export async function openSignedIn(site: Site, count: number): Promise<Page[]> {
  const first = await site.openTab()
  await signIn(first)
  const others = await Promise.all(Array.from({ length: count - 1 }, () => site.openTab()))
  const tabs = [first, ...others]
  await Promise.all(tabs.map((tab) => waitUntil(tab, () => window.tab.auth.getSnapshot().status === 'signed-in')))
  return tabs
}

/** Looks again by the clock: a hidden page, which one in a bare browser may be, has no animation frames. */
const waitUntil = (tab: Page, condition: () => boolean) => tab.waitForFunction(condition, undefined, { polling: 50 })

/** Asks a tab for its session, in short: how it stands, and why. */
export const ask = (tab: Page) =>
  tab.evaluate(async () => {
    const { data, error } = await window.tab.auth.getSession()
    return { revision: data.session?.revision ?? null, error: error?.code ?? null }
  })

/** What the app in a tab renders. */
export const look = (tab: Page) =>
  tab.evaluate(() => {
    const snapshot = window.tab.auth.getSnapshot()
    return {
      status: snapshot.status,
      revision: 'session' in snapshot ? snapshot.session.revision : null,
      reason: 'reason' in snapshot ? snapshot.reason : null,
    }
  })

async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('page.ts', import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@authflight/source', 'browser', 'import', 'default'] },
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
    return output[0].code
  } finally {
    await bundle.close()
  }
}
