import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { chromiumOptions } from '../../../scripts/lib/chromium.mjs'
import { startPlayground } from '../server/playground.ts'
import { order, readLog, signIn } from '../test/visitor.ts'

test('a lost answer is one request at the server: Chromium does not send it again by itself', async () => {
  const playground = await startPlayground({ port: 0 })
  const browser = await chromium.launch(chromiumOptions())
  try {
    const tab = await browser.newPage()
    await tab.goto(`${playground.url}/api/`)
    let { refresh_token } = await signIn(playground)
    const present = () =>
      tab.evaluate(
        async ({ url, body }) => {
          const response = await fetch(url, { method: 'POST', body: new URLSearchParams(body) }).catch(() => undefined)
          return response && ((await response.json()) as { refresh_token: string })
        },
        {
          url: `${playground.issuer}/token`,
          body: { grant_type: 'refresh_token', client_id: 'playground', refresh_token },
        },
      )

    // Connections that were used before are what tempts the browser to try again.
    for (let i = 0; i < 5; i++) refresh_token = (await present())?.refresh_token ?? ''
    await order(playground, 'fault', { kind: 'lose_answer' })
    const answer = await present()

    const { entries, refreshRequests } = await readLog(playground)
    expect(answer).toBeUndefined()
    expect(refreshRequests).toBe(6)
    expect(entries.at(-1)).toMatchObject({ grant: 'refresh_token', status: 200, fault: 'lose_answer' })
  } finally {
    await browser.close()
    await playground.stop()
  }
})
