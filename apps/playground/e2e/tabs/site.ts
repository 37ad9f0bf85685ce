import { type AuthServer, type AuthServerOptions, createAuthServer } from '@authflight/testing'
import { serve } from '@authflight/testing/node'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { openChromium, type TabHandle, type TabOpener } from './browsers.ts'
import { bundle, type BundleOptions } from './bundle.ts'
import type {} from './page.ts'

export interface SiteOptions extends Pick<AuthServerOptions, 'profile'> {
  /** Other builds of the page, by the path where each is. What is at `/` is this version, not minified. */
  readonly builds?: Readonly<Record<string, BundleOptions>>
}

export interface Site<Tab extends TabHandle = TabHandle> {
  readonly url: string
  readonly server: AuthServer
  /** A new tab of the same browser, on a page with nothing but a client in it. `address`: the build's path, a query. */
  openTab(address?: string): Promise<Tab>
  /** A new tab on a page of the same origin without a client. */
  openElsewhere(): Promise<Tab>
  /** Leaves the page that a tab shows, for one without a client. */
  leave(tab: Tab): Promise<unknown>
  /** Lets every access token run out in these tabs and at the server, in the same instant, as time does. */
  expire(tabs: readonly Tab[]): Promise<void>
}

/** Seconds. */
const accessTokenTtl = 300

/** A small page and the model of an authorization server on one origin, over HTTP, in a Chromium with nothing else in it; gone when the test ends. */
export async function openSite(options?: SiteOptions): Promise<Site<Page> & { readonly context: BrowserContext }> {
  const context = await openChromium()
  return { ...(await openSiteIn(context, options)), context }
}

/** The same in a browser that is there already. */
export async function openSiteIn<Tab extends TabHandle>(
  browser: TabOpener<Tab>,
  { profile = 'strict', builds = {} }: SiteOptions = {},
): Promise<Site<Tab>> {
  let passed = 0
  const server = createAuthServer({ profile, accessTokenTtl, now: () => Date.now() + passed })
  const html = (head: string) => () =>
    new Response(`<!doctype html><meta charset="utf-8"><title>Tab</title><link rel="icon" href="data:,">${head}`, {
      headers: { 'content-type': 'text/html; charset=utf-8' },
    })
  const files = new Map([['/elsewhere', html('')]])
  for (const [path, options] of Object.entries({ '': undefined, ...builds })) {
    const script = await bundle('page.ts', options)
    files.set(`/${path}`, html(`<script type="module" src="/${path}page.js"></script>`))
    files.set(
      `/${path}page.js`,
      () => new Response(script, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }),
    )
  }
  const handle: AuthServer['handle'] = async (request) =>
    files.get(new URL(request.url).pathname)?.() ?? server.handle(request)
  const { url, close } = await serve({ ...server, handle })
  onTestFinished(close)

  async function open(path: string): Promise<Tab> {
    const tab = await browser.newPage()
    await tab.goto(url + path)
    return tab
  }
  return {
    url,
    server,
    async openTab(address = '') {
      const tab = await open(`/${address}`)
      await waitUntil(tab, () => window.tab !== undefined)
      return tab
    },
    openElsewhere: () => open('/elsewhere'),
    leave: (tab) => tab.goto(`${url}/elsewhere`),
    async expire(tabs) {
      passed += accessTokenTtl * 2_000
      await Promise.all(tabs.map((tab) => tab.evaluate((ms) => window.tab.passTime(ms), passed)))
    },
  }
}

/** Goes to the server and comes back with a session. */
async function signIn(tab: TabHandle): Promise<void> {
  // The navigation takes the call with it.
  await tab.evaluate(() => void window.tab.auth.signIn())
  await waitUntilSignedIn(tab)
}

/** Also on a page that is still to come. */
export const waitUntilSignedIn = (tab: TabHandle): Promise<void> =>
  waitUntil(tab, () => window.tab?.auth.getSnapshot().status === 'signed-in')

/** Tabs of one browser, all signed in to one session. */
export async function openSignedIn<Tab extends TabHandle>(site: Site<Tab>, count: number): Promise<Tab[]> {
  return openSignedInAt(site, Array<string>(count).fill(''))
}

/** The same, each at an address. The first is where the sign-in is made. */
export async function openSignedInAt<Tab extends TabHandle>(
  site: Site<Tab>,
  [address, ...more]: readonly string[],
): Promise<Tab[]> {
  const first = await site.openTab(address)
  await signIn(first)
  const others = await Promise.all(more.map((other) => site.openTab(other)))
  await Promise.all(others.map(waitUntilSignedIn))
  return [first, ...others]
}

/** Asks again while the page is under way to another: what was asked of the one before has no answer. */
export async function waitUntil(tab: TabHandle, condition: () => boolean): Promise<void> {
  await expect.poll(() => tab.evaluate(condition), { timeout: 15_000 }).toBe(true)
}

/** Asks a tab for its session, in short: how it stands, and why. */
export const ask = (tab: TabHandle) =>
  tab.evaluate(async () => {
    const { data, error } = await window.tab.auth.getSession()
    return { revision: data.session?.revision ?? null, error: error?.code ?? null }
  })

/** What the app in a tab renders. */
export const look = (tab: TabHandle) =>
  tab.evaluate(() => {
    const snapshot = window.tab.auth.getSnapshot()
    return {
      status: snapshot.status,
      revision: 'session' in snapshot ? snapshot.session.revision : null,
      reason: 'reason' in snapshot ? snapshot.reason : null,
    }
  })
