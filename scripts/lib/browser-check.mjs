import { chromium } from 'playwright-core'
import { headlessShellOptions } from './chromium.mjs'
import { Complaint } from './complaint.mjs'

/** @typedef {import('../../packages/testing/src/index.ts').AuthServer} AuthServer */

/**
 * Opens a page in Chromium, hands it over, and closes the browser.
 *
 * @param {string} url
 * @param {(page: import('playwright-core').Page) => Promise<void>} check
 * @throws {Complaint} when the page complains in its console, of a hydration that does not match too
 */
export async function inChromium(url, check) {
  const browser = await chromium.launch(headlessShellOptions())
  /** @type {string[]} */
  const faults = []
  try {
    const page = await browser.newPage()
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    await page.goto(url)
    await check(page)
  } catch (error) {
    throw new Complaint(`${url}: ${[error, ...faults].join('\n')}`)
  } finally {
    await browser.close()
  }
  if (faults.length > 0) throw new Complaint(`${url} says:\n${faults.join('\n')}`)
}

/**
 * The journey as a user takes it: away to the provider and back, a refresh, a reload, and out.
 *
 * @param {import('playwright-core').Page} page
 */
export async function travelInPage(page) {
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Revision 1').waitFor()
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByText('Revision 2').waitFor()
  await page.reload()
  await page.getByText('Revision 2').waitFor()
  // Nobody in the page waits for it, and a browser that is closed before sends nothing more.
  const revoked = page.waitForResponse((response) => new URL(response.url()).pathname.endsWith('/revoke'))
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await revoked
}
