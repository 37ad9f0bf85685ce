import { createAuthServer, redirected } from '@authflight/testing'
import { serve } from '@authflight/testing/node'
import { expect, onTestFinished } from 'vitest'
import type { TabHandle } from './browsers.ts'
import { openSignedIn, type Site } from './site.ts'

/** Calls the site's own API with the session's token; it leads to another origin, where the token must not be seen. */
export async function followAway<Tab extends TabHandle>(site: Site<Tab>): Promise<void> {
  const seen: (string | null)[] = []
  const elsewhere = await serve({
    ...createAuthServer(),
    async handle({ headers }) {
      seen.push(headers.get('authorization'))
      return new Response('Hello from elsewhere.')
    },
  })
  onTestFinished(() => elsewhere.close())
  const [tab] = (await openSignedIn(site, 1)) as [Tab]
  const call = () =>
    tab.evaluate(async () => {
      const response = await window.tab.auth.fetch('/userinfo')
      return { status: response.status, text: await response.text() }
    })

  // What is not led away is answered, so the token was with it.
  expect(await call()).toMatchObject({ status: 200, text: expect.stringContaining('ada') })
  site.server.faults.next(redirected(elsewhere.url), { endpoint: 'userinfo' })
  expect(await call()).toEqual({ status: 200, text: 'Hello from elsewhere.' })
  expect(seen).toEqual([null])
}
