import { writeFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { chromiumFlags } from '../../../scripts/lib/chromium.mjs'
import { faults } from './faults.ts'
import { bundleViewer } from '../../../packages/devtools/build-viewer.ts'

test('the viewer is one page that loads nothing and shows a file that is chosen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'authflight-viewer-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const page = join(folder, 'viewer.html')
  await writeFile(page, await bundleViewer())
  const executablePath = process.env['CHROMIUM_PATH']
  const browser = await chromium.launch({ args: chromiumFlags, ...(executablePath && { executablePath }) })
  onTestFinished(() => browser.close())
  const tab = await browser.newPage()
  const asked: string[] = []
  const wrong: string[] = []
  tab.on('request', (request) => void asked.push(request.url()))
  tab.on('pageerror', (error) => void wrong.push(error.message))
  tab.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
  await tab.goto(pathToFileURL(page).href)
  await tab.getByRole('heading', { name: 'Open an Authflight recording' }).waitFor()
  expect(await faults(tab)).toEqual([])

  await tab
    .getByLabel('Recording')
    .setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('{') })
  await tab.getByText('bad.json: This file is no complete JSON: it was cut off or changed.').waitFor()
  await tab
    .getByLabel('Recording')
    .setInputFiles(
      fileURLToPath(
        new URL('../../../packages/devtools/test/verdicts/recordings/reuse-by-a-copied-tab.json', import.meta.url),
      ),
    )
  await tab.getByText('Tab B presented generation 1 again after Tab A had rotated it.').waitFor()

  expect(await faults(tab)).toEqual([])
  await tab.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' })
  expect(await faults(tab)).toEqual([])

  expect(asked).toEqual([pathToFileURL(page).href])
  expect(wrong).toEqual([])
})
