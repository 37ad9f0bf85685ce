import type { Page } from 'puppeteer-core'
import { expect } from 'vitest'
import type {} from './page.ts'

/**
 * Gives the way to let the tab run again. It stands still between two transactions: in the middle of one it would hold up every
 * other tab. Chromium, which freezes no such page by itself, does so when it is told to.
 */
export async function freeze(tab: Page): Promise<() => Promise<void>> {
  for (;;) {
    const thaw = await freezeAnywhere(tab)
    if ((await tab.evaluate(() => window.tab.transactions())) === 0) return thaw
    await thaw()
  }
}

/** The same, wherever it stands. The client has heard of both. */
export async function freezeAnywhere(tab: Page): Promise<() => Promise<void>> {
  const devtools = await tab.createCDPSession()
  const tell = async (state: 'frozen' | 'active', signal: 'frozen' | 'resumed') => {
    const before = await heard(tab, signal)
    await devtools.send('Page.setWebLifecycleState', { state })
    await expect.poll(() => heard(tab, signal), { timeout: 15_000 }).toBe(before + 1)
  }
  await tell('frozen', 'frozen')
  return () => tell('active', 'resumed')
}

const heard = (tab: Page, signal: string): Promise<number> =>
  tab.evaluate(
    (state) => window.tab.records().filter(({ attributes }) => attributes['authflight.page.state'] === state).length,
    signal,
  )
