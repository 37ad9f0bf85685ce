import type { AuthClient } from '@authflight/client'
import { createAuthServer } from '@authflight/testing'
import { serve } from '@authflight/testing/node'
import { chromium, type Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { headlessShellOptions } from '../../../scripts/lib/chromium.mjs'
import { startHotServer } from './hot-server.ts'
import { countLiveThings, readLiveThings } from './live-things.ts'

/** The client that the components of the page see. */
type Components = { auth: AuthClient }

async function openApp(file: 'made' | 'lent') {
  const server = createAuthServer({ accessTokenTtl: 3_600 })
  const served = await serve(server)
  onTestFinished(() => served.close())
  const hot = await startHotServer()
  const browser = await chromium.launch(headlessShellOptions())
  onTestFinished(() => browser.close())
  const context = await browser.newContext()
  await countLiveThings(context)
  const page = await context.newPage()
  await page.goto(`${hot.url}?${new URLSearchParams({ issuer: served.url, [file]: '' })}`)
  await page.getByText('version-0 signed-out out').waitFor()

  const tokens = await server.signIn()
  await page.evaluate(
    ({ access_token: accessToken, refresh_token: refreshToken = null }) =>
      (globalThis as unknown as Components).auth.setSession({
        accessToken,
        refreshToken,
        expiresAt: Date.now() + 3_600_000,
      }),
    tokens,
  )
  await page.getByText('version-0 signed-in in').waitFor()
  return { server, hot, page }
}

const timeOf = (page: Page) => page.evaluate(() => performance.timeOrigin)

test.each(['made', 'lent'] as const)(
  'a hundred hot updates under Strict Mode leave one timer, one channel and one flight of the client that was %s',
  async (file) => {
    const { server, hot, page } = await openApp(file)
    // What has led there may still be closing behind it.
    let before: Awaited<ReturnType<typeof readLiveThings>> | undefined
    await expect.poll(async () => (before = await readLiveThings(page))).toMatchObject({ timers: 1, channels: 1 })
    const loaded = await timeOf(page)

    for (let update = 0; update < 100; update++) {
      const { version } = hot.save(`${file}.tsx`)
      await page.getByText(`${version} signed-in in`).waitFor()
    }

    await expect.poll(() => readLiveThings(page)).toEqual(before)
    // Each was an update, not a reload.
    expect(await timeOf(page)).toBe(loaded)
    await page.evaluate(() => {
      const { auth } = globalThis as unknown as Components
      return Promise.all([auth.refreshSession(), auth.refreshSession(), auth.refreshSession()])
    })
    expect(server.count('refresh_token')).toBe(1)
    await expect.poll(() => readLiveThings(page)).toEqual(before)
  },
)
