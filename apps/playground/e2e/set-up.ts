import { chromium, type LaunchOptions } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { chromiumOptions, headlessShellOptions } from '../../../scripts/lib/chromium.mjs'
import { startPlayground } from '../server/playground.ts'
import { buildPage } from './built-page.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The playground that tests share, and the addresses at which they reach the browsers that they share. */
    readonly shared: Readonly<Record<'url' | 'issuer' | 'browser' | 'cachingBrowser', string>>
  }
}

/**
 * Starts one playground with a built page, a headless shell, and a whole Chromium with a back-forward cache, which Playwright's has not by default,
 * for all tests: each has tabs of its own, and nobody waits for a cold page or browser.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack()
  const playground = await startPlayground({ port: 0, page: await buildPage() })
  started.defer(() => playground.stop())
  const launch = async (options: LaunchOptions): Promise<string> => {
    const browser = await chromium.launchServer({ host: '127.0.0.1', ...options })
    started.defer(() => browser.close())
    return browser.wsEndpoint()
  }
  const browser = await launch(headlessShellOptions())
  const cachingBrowser = await launch({
    ...chromiumOptions(),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  project.provide('shared', { url: playground.url, issuer: playground.issuer, browser, cachingBrowser })
  const running = started.move()
  return () => running.disposeAsync()
}
