import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { inject, onTestFinished } from 'vitest'
import { type PlaygroundOptions, startPlayground } from '../server/playground.ts'
import { type Addresses, order, readLog } from '../test/visitor.ts'
import type {} from './set-up.ts'

export interface Visit {
  readonly playground: Addresses
  readonly context: BrowserContext
  /** A new tab of the same browser, on the playground's page. */
  openTab(query?: string): Promise<Page>
  /** What reached the authorization server, newest last. */
  readonly log: () => ReturnType<typeof readLog>
}

/**
 * The playground that all tests share, as if it had just been started, and tabs that share nothing with those of another test. With options: a
 * playground of its own on free ports. All gone when the test ends.
 */
export async function visitPlayground(
  options?: PlaygroundOptions,
  prepare?: (context: BrowserContext) => Promise<unknown>,
): Promise<Visit> {
  const playground = options ? await startOwn(options) : inject('shared')
  const browser = await shareBrowser()
  // A timeline that follows the present pixel by pixel takes half a processor of each tab.
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
  onTestFinished(() => context.close())
  if (!options) await order(playground, 'reset')
  await prepare?.(context)
  return {
    playground,
    context,
    log: () => readLog(playground),
    async openTab(query = '?autoRefresh=off') {
      const page = await openWindow(context)
      await page.goto(`${playground.url}/${query}`)
      return page
    },
  }
}

/** Each in a window of its own: a tab behind another one is painted once a second, and whoever clicks there waits for that. */
async function openWindow(context: BrowserContext): Promise<Page> {
  const [first] = context.pages()
  if (!first) return context.newPage()
  const [page] = await Promise.all([
    context.waitForEvent('page'),
    first.evaluate(() => void open('about:blank', '_blank', 'popup,noopener,width=1280,height=900')),
  ])
  return page
}

async function startOwn(options: PlaygroundOptions): Promise<Addresses> {
  const playground = await startPlayground({ port: 0, hot: false, ...options })
  onTestFinished(() => playground.stop())
  return playground
}

const connections = new Map<string, Promise<Browser>>()

/** One connection to each for all files; it ends with their process. One that failed is made again. */
export function shareBrowser(which: 'browser' | 'cachingBrowser' = 'browser'): Promise<Browser> {
  const address = inject('shared')[which]
  const connection =
    connections.get(address) ??
    chromium.connect(address).catch((error: unknown) => {
      connections.delete(address)
      throw error
    })
  connections.set(address, connection)
  return connection
}

/** For who does not look at the panel: a timeline that is painted in each tab takes most of what a small machine has. */
export const withoutPanel = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() =>
    localStorage.setItem('authflight-playground.dock', JSON.stringify({ open: false, share: 0.4 })),
  )

/** Signs in at the provider's own page and comes back. */
export async function signIn(page: Page, name = 'Alice', by = 'Sign in'): Promise<void> {
  await page.getByRole('button', { name: by, exact: true }).click()
  await page.getByRole('button', { name }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
}

/** Presses a button of the page and waits for what came of it, in words. */
export async function act(page: Page, name: string): Promise<string> {
  const done = page.getByRole('status', { name: 'Last result' }).locator('article:not([data-tone="running"])')
  await page.getByRole('button', { name, exact: true }).click()
  await done.getByRole('heading', { name: new RegExp(`^${name}`) }).waitFor()
  return (await done.textContent()) ?? ''
}

/** What the panel says in one sentence. */
export const headline = (page: Page): Promise<string | null> => page.locator('.af-headline p').textContent()

/** The rows of the panel's table, as text, newest first. It shows as many as have room. */
export async function tableRows(page: Page, show: 'Everything' | 'Refreshes' | 'Problems'): Promise<string[]> {
  const panel = page.getByRole('region', { name: 'Auth devtools' })
  await panel.getByRole('tab', { name: 'Table' }).click()
  await panel.getByRole('button', { name: show, exact: true }).click()
  const rows = panel.getByRole('grid', { name: 'Records' }).getByRole('row')
  await rows.nth(1).waitFor()
  return rows.allInnerTexts()
}
