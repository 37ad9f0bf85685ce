import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { order } from '../test/visitor.ts'
import { act, headline, signIn, type Visit, visitPlayground } from './visit.ts'

type Steps = readonly [first: RegExp, last: RegExp]

/** What a race says at its first step and at its last. */
const along = (first: RegExp, last: RegExp): Steps => [
  new RegExp(`^Step 1 of \\d: .*${first.source}`),
  new RegExp(`^Step (\\d) of \\1: .*${last.source}`),
]

interface Incident {
  readonly name: string
  readonly make: (page: Page, visit: Visit) => Promise<unknown>
  readonly sentence: RegExp
  /** What is spoken of it when it is shown, and after the arrow keys have led as far as they do. */
  readonly steps: Steps
  /** Puts right what would keep the page from being loaded again. */
  readonly mend?: (visit: Visit) => Promise<unknown>
  /** Nobody lost anything by it: Why? has nothing to tell. */
  readonly isWell?: true
  /** It takes the records of earlier visits with it, which tabs are counted from. */
  readonly forgets?: true
}

const incidents: readonly Incident[] = [
  {
    name: 'a second tab that presents the same token, with coordination switched off',
    async make(page, { openTab }) {
      const copy = await openTab('?autoRefresh=off&coordination=off')
      await copy.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
      await act(page, 'Refresh now')
      await copy.getByRole('button', { name: 'Refresh now', exact: true }).click()
    },
    sentence:
      /^Alice Liddell was signed out in (Tab [A-D]) at [\d:.]+: \1( · client 2)? presented generation 1 again after Tab [A-D]( · client 2)? had rotated it\. The server answered invalid_grant \(400\)\. Each held a claim: they do not share a store\.$/,
    steps: along(/refresh #\d presented generation 1\./, /Tab [A-E] ended the session: rejected by the server\./),
  },
  {
    name: 'a sign-out during a refresh',
    make: (page) => act(page, 'Sign out during a refresh'),
    sentence:
      /^Alice Liddell signed out in Tab [A-D] while refresh #1 was under way\. Its new tokens were discarded and revoked\.$/,
    steps: along(/refresh #1 began\./, /the answer found the session gone\./),
  },
  {
    name: 'a sign-in as another user during a refresh',
    async make(page, { playground, openTab, log }) {
      await order(playground, 'fault', { kind: 'delay_answer', ms: 60_000 })
      await page.getByRole('button', { name: 'Refresh now', exact: true }).click()
      await expect.poll(async () => (await log()).refreshRequests, { timeout: 20_000 }).toBe(1)
      const other = await openTab()
      await signIn(other, 'Bob', 'Replace the user')
      await other.getByText('Bob Sponge').first().waitFor()
      await order(playground, 'fault', { kind: 'none' })
    },
    sentence:
      /^Another sign-in took the place of Alice Liddell in Tab [A-E]\. Refresh #1 was under way; its result was discarded\.$/,
    steps: along(/refresh #1 began\./, /the answer found another session\./),
  },
  {
    name: 'a refresh token that has expired, at a server that tells its lifetime',
    async make(page, { playground }) {
      await order(playground, 'refresh-ttl', { seconds: 1 })
      await act(page, 'Refresh now')
      const over = Date.now() + 1_000
      await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(over)
      await page.getByRole('button', { name: 'Refresh now', exact: true }).click()
    },
    sentence:
      /^Alice Liddell was signed out in Tab [A-D] at [\d:.]+: the session had expired\. Its refresh token had been dead for .+\./,
    steps: along(
      /the server said how long the refresh token lives\./,
      /Tab [A-E] ended the session: rejected by the server\./,
    ),
  },
  {
    name: 'an answer that is lost after the rotation',
    async make(page, { playground }) {
      await order(playground, 'fault', { kind: 'lose_answer' })
      expect(await act(page, 'Refresh now')).toContain('network')
    },
    sentence:
      /^The answer to refresh #1 never came: .*Whether it rotated is unknown\. Alice Liddell stays signed in\.$/,
    steps: along(/the token was sent\./, /refresh #1 failed: network\./),
  },
  {
    name: '429',
    async make(page, { playground }) {
      await order(playground, 'fault', { kind: 'busy', retryAfter: 30 })
      expect(await act(page, 'Refresh now')).toContain('rate_limited')
    },
    sentence: /^Refresh #1 failed: the server asked to come later \(HTTP 429\)\. Alice Liddell stays signed in\.$/,
    steps: along(/the token was sent\./, /refresh #1 failed: rate limited, HTTP 429\./),
  },
  {
    name: 'no network',
    async make(page, { context }) {
      await context.setOffline(true)
      await page.getByRole('button', { name: 'Refresh now', exact: true }).click()
    },
    mend: ({ context }) => context.setOffline(false),
    sentence:
      /^Refresh #1 failed: this device was offline\. Alice Liddell stays signed in; the next refresh tries again\.$/,
    steps: along(/Tab [A-E] went offline\./, /refresh #1 failed: (offline|network)\./),
  },
  {
    name: 'an HTML page of status 403',
    async make(page, { playground }) {
      await order(playground, 'fault', { kind: 'forbidden' })
      expect(await act(page, 'Refresh now')).toContain('malformed_response')
    },
    sentence: /^Refresh #1 was answered by something in between: HTTP 403 .*Alice Liddell stays signed in\.$/,
    steps: along(/the token was sent\./, /refresh #1 failed: malformed response, HTTP 403\./),
  },
  {
    name: 'a clock that is set an hour ahead',
    async make(page) {
      await page.getByText('1 h ahead').click()
      await act(page, 'Call once')
    },
    sentence:
      /^Generation 1 was dead to this device’s clock .* before its time: the clock was moved, or the machine slept\. Refresh #1 put it right, and nobody was signed out\.$/,
    steps: along(/generation 1 was good for .+\./, /everybody could go\./),
  },
  {
    name: 'a clock that is set an hour back',
    async make(page, { playground, log }) {
      await order(playground, 'ttl', { seconds: 5 })
      await act(page, 'Refresh now')
      const dead = Date.now() + 5_500
      await page.getByText('1 h behind').click()
      await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(dead)
      expect(await act(page, 'Call once')).toContain('1 token request')
      expect((await log()).refreshRequests).toBe(2)
    },
    sentence:
      /^Generation 2 was still good to this device’s clock .+ after its time: the clock had been set back\. Refresh #2 put it right, and nobody was signed out\.$/,
    steps: along(/generation 2 was good for .+\./, /everybody could go\./),
  },
  {
    name: 'storage cleared by hand',
    async make(page) {
      await act(page, 'Clear storage')
    },
    forgets: true,
    sentence:
      /^Alice Liddell was signed out in Tab [AB] at [\d:.]+: the stored session had been removed, and not by a sign-out\./,
    steps: along(/generation 1 was stored\./, /Tab [A-E] ended the session: storage was cleared\./),
  },
  {
    name: 'a grant that is revoked at the server',
    async make(page) {
      await act(page, 'Revoke the grant')
      await page.getByRole('button', { name: 'Refresh now', exact: true }).click()
    },
    sentence:
      /^Alice Liddell was signed out in Tab [AB] at [\d:.]+: the server no longer accepts this session and does not say why: expired, revoked or used elsewhere\. The server answered invalid_grant \(400\)\.$/,
    steps: along(/refresh #1 presented generation 1\./, /Tab [A-E] ended the session: rejected by the server\./),
  },
  {
    name: 'a healthy storm',
    async make(page) {
      await act(page, 'Expire now')
      await act(page, 'Call ×10')
    },
    sentence: /^All is well: 1 refresh served 10 callers in .+ and saved 9 token requests\. Generation 1 → 2\.$/,
    steps: [/^Refresh #1, .*rotated/, /^Refresh #1, .*rotated/],
    isWell: true,
  },
]

/** What Why? says where there is no incident. */
const nothing = 'Nobody was signed out, and no refresh went wrong.'

test.for(incidents)(
  'the first sentence names the cause, it is shown, and it is the same after the redirect and a reload: $name',
  async ({ make, sentence, steps, mend, forgets, isWell }) => {
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
    const spoken = () => panel.getByRole('status').last().textContent()
    await expect.poll(spoken, { timeout: 20_000 }).toMatch(steps[0])
    // The keyboard is on the timeline by now, where the arrow keys lead along the steps.
    const goOn = async () => {
      await page.keyboard.press('ArrowRight')
      return spoken()
    }
    await expect.poll(goOn, { timeout: 20_000 }).toMatch(steps[1])
    // Records know no names.
    const bare = (said: string | null) => {
      const nameless = said?.replaceAll('Alice Liddell', 'Account 1')
      return forgets ? nameless?.replaceAll(/Tab [A-D]/g, 'Tab') : nameless
    }
    const told = bare(await headline(page))

    await mend?.(visit)
    await leaveForSignIn(page, visit)
    // Another tab that lives may have a second's records yet to write.
    const supportSays = async () => {
      await page.goto(`${visit.playground.url}/support.html`)
      const status = page.getByRole('status').filter({ hasText: /./ })
      return bare(await status.textContent())
    }
    await expect.poll(supportSays, { timeout: 20_000 }).toBe(told)
    await page.goto(`${visit.playground.url}/?autoRefresh=off`)
    await page.reload()
    await panel.getByRole('tab', { name: 'Why?' }).click()
    const says = async () => {
      const why = panel.getByRole('region', { name: 'Incidents' })
      const [incident] = await why.getByRole('heading').or(why.locator('.af-empty-text')).allTextContents()
      return bare(incident ?? null)
    }
    await expect.poll(says, { timeout: 20_000 }).toBe(isWell ? nothing : told)
  },
)

/** Where an app sends whom it finds signed out; others go there by themselves. Resolves when the page has come to rest somewhere. */
async function leaveForSignIn(page: Page, { playground }: Visit): Promise<void> {
  const button = page.getByRole('button', { name: 'Sign in', exact: true })
  if (await button.isVisible()) {
    await Promise.all([page.waitForRequest(`${playground.issuer}/auth?**`), button.click()])
    // The provider asks who it is, or knows the user still and sends them straight back.
    const asked = page.getByRole('button', { name: 'Alice' })
    const back = page.getByRole('button', { name: 'Sign out', exact: true })
    await asked.or(back).waitFor()
  } else await page.goto(`${playground.issuer}/.well-known/openid-configuration`)
}

test('a recording that a tool wrote opens in the panel by its address', async () => {
  // From source, as `npm start` serves it: a built page has no files beside it.
  const { openTab } = await visitPlayground({})
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
