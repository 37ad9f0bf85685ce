import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { act, signIn, visitPlayground } from './visit.ts'

const appearances = [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'light', forcedColors: 'active' },
  { colorScheme: 'dark', forcedColors: 'active' },
] as const

test.for([1280, 400])('the page and its panel are accessible and fit in each appearance: %i pixels', async (width) => {
  const { openTab } = await visitPlayground()
  const page = await openTab()
  await page.setViewportSize({ width, height: 900 })
  const look = async () => {
    for (const appearance of appearances) {
      // Without transitions: colours are not to be read half way.
      await page.emulateMedia({ ...appearance, reducedMotion: 'reduce' })
      expect(await faults(page), JSON.stringify(appearance)).toEqual([])
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await look()

  await signIn(page)
  await act(page, 'Call ×10')
  const dock = page.getByRole('button', { name: 'Refresh timeline' })
  if ((await dock.getAttribute('aria-expanded')) === 'false') await dock.click()
  await page.getByRole('region', { name: 'Auth devtools' }).waitFor()
  await look()
})

test('who has no mouse signs in, calls and signs out', async () => {
  const { openTab } = await visitPlayground()
  const page = await openTab()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()

  await tabTo(page, 'Sign in')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Alice' }).waitFor()
  await page.keyboard.type('alice')
  await page.keyboard.press('Tab')
  await page.keyboard.type('wonderland')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  await tabTo(page, 'Call once')
  await page.keyboard.press('Enter')
  await page.getByRole('status', { name: 'Last result' }).getByText('200').first().waitFor()
  await tabTo(page, 'Sign out')
  await page.keyboard.press('Enter')

  await page.getByRole('button', { name: 'Sign in' }).waitFor()
})

async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const focused = await page.evaluate(() => document.activeElement?.textContent?.trim())
    if (focused === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`The Tab key does not lead to “${name}”.`)
}
