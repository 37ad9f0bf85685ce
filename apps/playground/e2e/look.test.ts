import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { act, signIn, visitPlayground } from './visit.ts'

test.for([
  ['light', 1280, 'none'],
  ['dark', 1280, 'none'],
  ['light', 400, 'none'],
  ['dark', 400, 'none'],
  ['light', 1280, 'active'],
  ['dark', 400, 'active'],
] as const)(
  'the page and its panel are accessible and fit: %s, %i pixels, forced colours %s',
  async ([colorScheme, width, forcedColors]) => {
    const { openTab } = await visitPlayground()
    const page = await openTab()
    // Without transitions: colours are not to be read half way.
    await page.emulateMedia({ colorScheme, forcedColors, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 900 })
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await faults(page)).toEqual([])

    await signIn(page)
    await act(page, 'Call ×10')
    const dock = page.getByRole('button', { name: 'Refresh timeline' })
    if ((await dock.getAttribute('aria-expanded')) === 'false') await dock.click()
    await page.getByRole('region', { name: 'Auth devtools' }).waitFor()

    expect(await faults(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  },
)

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
