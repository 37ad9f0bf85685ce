import { type BrowserContext, chromium } from 'playwright-core'
import { type Browser, launch as launchWithPuppeteer } from 'puppeteer-core'
import { onTestFinished } from 'vitest'
import { chromiumOptions } from '../../../../scripts/lib/chromium.mjs'
import { shareBrowser } from '../visit.ts'

/** What these tests need of a browser: Playwright's contexts and Puppeteer's browsers have it alike. */
export interface TabOpener<Tab extends TabHandle = TabHandle> {
  newPage(): Promise<Tab>
}

/** What they need of a tab. */
export interface TabHandle {
  goto(address: string): Promise<unknown>
  evaluate<R>(act: () => R | Promise<R>): Promise<R>
  evaluate<R, A>(act: (word: A) => R | Promise<R>, word: A): Promise<R>
}

/** A whole Chromium with a back-forward cache, and nothing of other tests' in it. Gone when the test ends. */
export async function openChromium(): Promise<BrowserContext> {
  const context = await (await shareBrowser('cachingBrowser')).newContext()
  onTestFinished(() => context.close())
  return context
}

/**
 * A Chromium whose pages may freeze: in one that Playwright starts, every page passes for focused, and such a page is never
 * frozen. Gone when the test ends.
 */
export async function openFreezableChromium(): Promise<Browser> {
  const browser = await launchWithPuppeteer({
    executablePath: chromium.executablePath(),
    ...chromiumOptions(),
    pipe: true,
  })
  onTestFinished(() => browser.close())
  return browser
}

/** A headless Firefox, which Playwright cannot drive. Whoever opens it closes it: it takes seconds to start. */
export function openFirefox(): Promise<Browser> {
  const executablePath = process.env.FIREFOX_PATH
  if (!executablePath) throw new Error('No Firefox was found. Name one in FIREFOX_PATH.')
  return launchWithPuppeteer({ browser: 'firefox', executablePath, extraPrefsFirefox: unhurried })
}

/** Timers of hidden tabs run once a second by default: no two tabs would then do anything in the same instant. */
const unhurried = {
  'dom.min_background_timeout_value': 4,
  'dom.min_background_timeout_value_without_budget_throttling': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
}
