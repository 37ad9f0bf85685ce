import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type BrowserContext, chromium } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { chromiumFlags } from '../../../../scripts/lib/chromium.mjs'

/**
 * A Chromium whose pages may freeze: in one that Playwright starts, every page passes for focused, and such a page is never
 * frozen. Gone when the test ends.
 */
export async function openBareBrowser(): Promise<BrowserContext> {
  const profile = await mkdtemp(join(tmpdir(), 'authflight-'))
  // Without a window at the start: Playwright could meet it half made, and wait for it in vain.
  const own = ['--headless', '--no-startup-window', '--remote-debugging-port=0', `--user-data-dir=${profile}`]
  const flags = [...own, ...chromiumFlags]
  const program = spawn(process.env.CHROMIUM_PATH ?? chromium.executablePath(), flags, {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // Its helper processes write to the profile until they let go of this pipe.
  const ended = once(program, 'close')
  onTestFinished(async () => {
    program.kill()
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 10 })
  })
  const lines = createInterface(program.stderr)
  const address = new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const [, found] = /^DevTools listening on (\S+)/.exec(line) ?? []
      if (found) resolve(found)
    })
    lines.on('close', () => reject(new Error('Chromium ended before it could be spoken to.')))
  })
  const browser = await chromium.connectOverCDP(await address, { noDefaults: true })
  onTestFinished(() => browser.close())
  const [context] = browser.contexts()
  if (!context) throw new Error('Chromium has no default context.')
  return context
}
