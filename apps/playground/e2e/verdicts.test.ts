import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { order } from '../test/visitor.ts'
import { act, headline, signIn, type Visit, visitPlayground } from './visit.ts'

interface Incident {
  readonly name: string
  readonly make: (page: Page, visit: Visit) => Promise<unknown>
  readonly sentence: RegExp
}

const incidents: readonly Incident[] = [
  {
    name: 'an answer that is lost after the rotation',
    async make(page, { playground }) {
      await order(playground, 'fault', { kind: 'lose_answer' })
      await act(page, 'Refresh now')
    },
    sentence:
      /^The answer to refresh #1 never came: .*Whether it rotated is unknown\. Alice Liddell stays signed in\.$/,
  },
  {
    name: '429',
    async make(page, { playground }) {
      await order(playground, 'fault', { kind: 'busy', retryAfter: 30 })
      await act(page, 'Refresh now')
    },
    sentence: /^Refresh #1 failed: the server asked to come later \(HTTP 429\)\. Alice Liddell stays signed in\.$/,
  },
  {
    name: 'no network',
    async make(page, { context }) {
      await context.setOffline(true)
      await page.getByRole('button', { name: 'Refresh now', exact: true }).click()
    },
    sentence:
      /^Refresh #1 failed: this device was offline\. Alice Liddell stays signed in; the next try comes with the network\.$/,
  },
  {
    name: 'an HTML page of status 403',
    async make(page, { playground }) {
      await order(playground, 'fault', { kind: 'forbidden' })
      await act(page, 'Refresh now')
    },
    sentence: /^Refresh #1 was answered by something in between: HTTP 403 .*Alice Liddell stays signed in\.$/,
  },
  {
    name: 'a clock that is set an hour ahead',
    async make(page) {
      await page.getByText('1 h ahead').click()
      await act(page, 'Call once')
    },
    sentence:
      /^Generation 1 was dead to this device’s clock .* before its time: the clock was moved, or the machine slept\. Refresh #1 put it right, and nobody was signed out\.$/,
  },
  {
    name: 'storage cleared by hand',
    async make(page) {
      await act(page, 'Clear storage')
    },
    sentence:
      /^Alice Liddell was signed out in Tab [AB] at [\d:.]+: the stored session had been removed, and not by a sign-out\./,
  },
  {
    name: 'a grant that is revoked at the server',
    async make(page) {
      await act(page, 'Revoke the grant')
      await page.getByRole('button', { name: 'Refresh now', exact: true }).click()
    },
    sentence:
      /^Alice Liddell was signed out in Tab [AB] at [\d:.]+: the server no longer accepts this session and does not say why: expired, revoked or used elsewhere\. The server answered invalid_grant \(400\)\.$/,
  },
  {
    name: 'a healthy storm',
    async make(page) {
      await act(page, 'Expire now')
      await act(page, 'Call ×10')
    },
    sentence: /^All is well: 1 refresh served 10 callers in .+ and saved 9 token requests\. Generation 1 → 2\.$/,
  },
]

test.for(incidents)('the first sentence names the cause, and it is shown: $name', async ({ make, sentence }) => {
  const visit = await visitPlayground()
  const page = await visit.openTab()
  await signIn(page)
  const panel = page.getByRole('region', { name: 'Auth devtools' })
  // Who has opened the menu has all of the panel, also when the network is gone afterwards.
  await panel.getByRole('button', { name: 'More' }).click()
  await panel.getByRole('button', { name: 'Save report (Markdown)' }).waitFor()
  await page.keyboard.press('Escape')
  await make(page, visit)

  await expect.poll(() => headline(page), { timeout: 20_000 }).toMatch(sentence)
  await panel.getByRole('button', { name: /^Show/ }).first().click()
  await expect
    .poll(() => panel.getByRole('status').last().textContent(), { timeout: 20_000 })
    .toMatch(/^(Step 1 of \d: )?.*(Refresh #1|POST token|Session end|Gen 1|went offline)/)
})

test('a recording that a tool wrote opens in the panel by its address', async () => {
  const { openTab } = await visitPlayground()
  const file = fileURLToPath(
    new URL('../../../packages/devtools/test/verdicts/recordings/reuse-by-a-copied-tab.json', import.meta.url),
  )
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ v: 1 })
  const page = await openTab(`?autoRefresh=off&recording=/@fs${file}`)

  await expect
    .poll(() => headline(page), { timeout: 20_000 })
    .toContain('Tab B presented generation 1 again after Tab A had rotated it.')
})

test('a recording from elsewhere is not fetched', async () => {
  const { openTab } = await visitPlayground()
  const page = await openTab('?autoRefresh=off&recording=https://example.test/x.json')
  await page.getByText('?recording= takes the address of a file on this origin.').waitFor()
})
