import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { chromiumFlags } from '../../../scripts/lib/chromium.mjs'
import { startPlayground } from '../server/playground.ts'
import { buildPage } from './built-page.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The playground that tests share, and the address at which they reach the browser that they share. */
    readonly shared: { readonly url: string; readonly issuer: string; readonly browser: string }
  }
}

/** Starts one playground with a built page, and one Chromium, for all tests: each has tabs of its own, and nobody waits for a cold page. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const playground = await startPlayground({ port: 0, page: await buildPage() })
  const executablePath = process.env.CHROMIUM_PATH
  const browser = await chromium
    .launchServer({ args: chromiumFlags, host: '127.0.0.1', ...(executablePath && { executablePath }) })
    .catch(async (error: unknown) => {
      await playground.stop()
      throw error
    })
  project.provide('shared', { url: playground.url, issuer: playground.issuer, browser: browser.wsEndpoint() })
  return async () => {
    await browser.close()
    await playground.stop()
  }
}
