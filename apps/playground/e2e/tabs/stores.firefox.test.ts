import { createAuthServer } from '@authflight/testing'
import { describeStore } from '@authflight/testing/conformance'
import { serve } from '@authflight/testing/node'
import type { Page } from 'puppeteer-core'
import { beforeAll, describe, test } from 'vitest'
import { browserStores } from '../../../../packages/client/test/support/browser-stores.ts'
import { openFirefox } from './browsers.ts'
import { bundle } from './bundle.ts'
import type {} from './stores-page.ts'

let tab: Page

beforeAll(async () => {
  const html = { headers: { 'content-type': 'text/html; charset=utf-8' } }
  const served = await serve({ ...createAuthServer(), handle: async () => new Response('<!doctype html>', html) })
  const firefox = await openFirefox()
  tab = await firefox.newPage()
  await tab.goto(served.url)
  await tab.addScriptTag({ type: 'module', content: await bundle('stores-page.ts') })
  await tab.waitForFunction(() => window.storeTests !== undefined)
  return async () => {
    await firefox.close()
    await served.close()
  }
})

describe.each(browserStores)('%s', (name, subject) => {
  // Declared here, run in the page: by its title, which is all of it that can be sent there.
  describeStore((title) => test(`${title}, in Firefox`, () => tab.evaluate(runStoreTest, `${name}: ${title}`)), subject)
})

function runStoreTest(name: string): Promise<void> {
  const run = window.storeTests.get(name)
  if (!run) throw new Error('The page has no such test.')
  return run()
}
