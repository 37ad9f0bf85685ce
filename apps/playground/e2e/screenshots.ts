// `npm run screenshots`: makes the pictures and the film of the README from the running playground, so that they show what there is.
// With `--every-tab`: a picture of each tab instead, in both themes and two widths, in test-results/look, to be looked at.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { chromiumOptions } from '../../../scripts/lib/chromium.mjs'
import { startPlayground } from '../server/playground.ts'
import { film } from './film.ts'

const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url))
const playground = await startPlayground({ port: 0, hot: false })
const browser = await chromium.launch(chromiumOptions())

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  const done = page.getByRole('status', { name: 'Last result' }).locator('article:not([data-tone="running"])')
  await done.getByRole('heading', { name: new RegExp(`^${name}`) }).waitFor()
}

async function visit(colorScheme: 'light' | 'dark', deviceScaleFactor = 2): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, deviceScaleFactor, colorScheme })
  const page = await context.newPage()
  await page.goto(`${playground.url}/?autoRefresh=off`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Alice' }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  return page
}

/** Shows the flights that the headline speaks of, at their own scale, and selects the first. */
async function zoom(page: Page): Promise<void> {
  const panel = page.getByRole('region', { name: 'Auth devtools' })
  await panel.getByRole('button', { name: 'Show' }).click()
  await page.evaluate(() => scrollTo(0, 0))
  await page.waitForTimeout(500)
}

/** Each tab with a race in it, for whoever judges how the panel looks. */
async function takeEveryTab(): Promise<void> {
  const look = fileURLToPath(new URL('../../../test-results/look/', import.meta.url))
  await mkdir(look, { recursive: true })
  for (const scheme of ['light', 'dark'] as const) {
    const page = await visit(scheme, 1)
    await press(page, 'Expire now')
    await press(page, 'Call ×1,000')
    await press(page, 'Sign out during a refresh')
    for (const width of [1280, 400]) {
      await page.setViewportSize({ width, height: 860 })
      for (const tab of ['Timeline', 'Table', 'Why?', 'Stats']) {
        await page.getByRole('tab', { name: tab }).click()
        await page.waitForTimeout(500)
        await page.screenshot({ path: `${look}${tab.replace('?', '').toLowerCase()}-${scheme}-${width}.png` })
      }
    }
    await page.context().close()
  }
  console.log('Sixteen pictures in test-results/look.')
}

async function takePictures(): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const scheme of ['light', 'dark'] as const) {
    const page = await visit(scheme)
    await press(page, 'Expire now')
    await press(page, 'Call ×1,000')
    await zoom(page)
    await page.screenshot({ path: `${folder}storm-${scheme}.png` })
    await press(page, 'Sign out during a refresh')
    await zoom(page)
    await page.screenshot({ path: `${folder}discard-${scheme}.png` })
    await page.context().close()
  }
  const page = await visit('light', 1)
  const filming = film(page)
  await press(page, 'Expire now')
  await press(page, 'Call ×1,000')
  await zoom(page)
  await page.waitForTimeout(1_500)
  await press(page, 'Sign out during a refresh')
  await zoom(page)
  await page.waitForTimeout(1_500)
  await page.getByRole('tab', { name: 'Why?' }).click()
  await page.waitForTimeout(500)
  await filming.stop(`${folder}race.gif`)
  console.log('Four pictures and a film in docs/images.')
}

try {
  await (process.argv.includes('--every-tab') ? takeEveryTab() : takePictures())
} finally {
  await browser.close()
  await playground.stop()
}
