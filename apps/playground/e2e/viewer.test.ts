import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { headlessShellOptions } from '../../../scripts/lib/chromium.mjs'
import { faults } from './faults.ts'
import { bundleViewer } from '../../../packages/devtools/build-viewer.ts'

const reuse = fileURLToPath(
  new URL('../../../packages/devtools/test/verdicts/recordings/reuse-by-a-copied-tab.json', import.meta.url),
)
const appearances = [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'active' },
] as const
const lost = 'Tab B presented generation 1 again after Tab A had rotated it.'

/** The viewer, opened as a file from the disk. */
async function openViewer() {
  const folder = await mkdtemp(join(tmpdir(), 'authflight-viewer-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const page = join(folder, 'viewer.html')
  await writeFile(page, await bundleViewer())
  const browser = await chromium.launch(headlessShellOptions())
  onTestFinished(() => browser.close())
  const tab = await browser.newPage()
  const asked: string[] = []
  const wrong: string[] = []
  tab.on('request', (request) => void asked.push(request.url()))
  tab.on('pageerror', (error) => void wrong.push(error.message))
  tab.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
  await tab.goto(pathToFileURL(page).href)
  await tab.getByRole('heading', { name: 'Open an Authflight recording' }).waitFor()
  return { tab, folder, asked, wrong, url: pathToFileURL(page).href }
}

/** As when a file of the disk is dragged over an element and dropped on it: the browser gives the page the events. */
async function drop(tab: Page, selector: string, file: string): Promise<void> {
  const { x, y, width, height } = (await tab.locator(selector).boundingBox())!
  const session = await tab.context().newCDPSession(tab)
  const drag = { x: x + width / 2, y: y + height / 2, data: { items: [], files: [file], dragOperationsMask: 1 } }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...drag })
  await session.detach()
}

test('the viewer is one page that loads nothing and shows a file that is chosen', async () => {
  const { tab, asked, wrong, url } = await openViewer()
  const look = async () => {
    for (const width of [1_280, 400])
      for (const appearance of appearances) {
        await tab.setViewportSize({ width, height: 800 })
        await tab.emulateMedia(appearance)
        expect(await faults(tab), `${width} ${JSON.stringify(appearance)}`).toEqual([])
      }
  }
  await look()

  await tab
    .getByLabel('Recording')
    .setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('{') })
  await tab.getByText('bad.json: This file is no complete JSON: it was cut off or changed.').waitFor()
  await tab.getByLabel('Recording').setInputFiles(reuse)
  await tab.getByText(lost).waitFor()
  await tab.getByText('reuse-by-a-copied-tab.json').waitFor()

  await look()
  expect(await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  expect(await tab.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0)

  expect(asked).toEqual([url])
  expect(wrong).toEqual([])
})

test('a file that is dropped on the viewer is shown, and another one in its place', async () => {
  const { tab, folder, asked, wrong, url } = await openViewer()
  const bad = join(folder, 'bad.json')
  await writeFile(bad, '{')
  await drop(tab, 'h1', bad)
  await tab.getByText('bad.json: This file is no complete JSON: it was cut off or changed.').waitFor()
  await drop(tab, 'h1', reuse)
  await tab.getByText(lost).waitFor()

  await drop(tab, '.af-view', reuse.replace('reuse-by-a-copied-tab', 'healthy-storm'))
  await tab.getByText('All is well').waitFor()
  await tab.getByText('healthy-storm.json').waitFor()
  await tab.getByRole('button', { name: 'Close file' }).focus()
  await tab.keyboard.press('Enter')
  await tab.getByRole('heading', { name: 'Open an Authflight recording' }).waitFor()
  expect(await tab.getByRole('button', { name: 'Choose a file' }).evaluate((it) => it === document.activeElement)).toBe(
    true,
  )
  expect(asked).toEqual([url])
  expect(wrong).toEqual([])
})
