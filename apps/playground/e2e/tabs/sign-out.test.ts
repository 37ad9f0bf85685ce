import { expect, test } from 'vitest'
import { order } from '../../test/visitor.ts'
import { signIn, tableRows, visitPlayground } from '../visit.ts'

test('a sign-out in one tab while another refreshes: nobody comes back, and the answer is discarded and revoked', async () => {
  const { playground, openTab, log } = await visitPlayground()
  const one = await openTab()
  await signIn(one)
  const two = await openTab()
  await two.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  // Held back until the fault is lifted.
  await order(playground, 'fault', { kind: 'delay_answer', ms: 600_000 })
  await one.getByRole('button', { name: 'Refresh now', exact: true }).click()
  await expect.poll(async () => (await log()).refreshRequests, { timeout: 15_000 }).toBe(1)

  await two.getByRole('button', { name: 'Sign out', exact: true }).click()
  await two.getByRole('button', { name: 'Sign in' }).waitFor()
  await one.getByText('You signed out in another tab, and this one followed.').waitFor()
  await order(playground, 'fault', { kind: 'none' })

  await expect
    .poll(async () => (await tableRows(one, 'Everything')).join('\n'), { timeout: 15_000 })
    .toMatch(/Discard of #1\nAlice Liddell\nTab .( · client \d)?\nsigned out/)
  const revocations = async () => (await log()).entries.filter(({ endpoint }) => endpoint === 'revocation')
  // What was stored, and what came too late.
  await expect
    .poll(async () => (await revocations()).map(({ status }) => status), { timeout: 15_000 })
    .toEqual([200, 200])
  await Promise.all(
    [one, two].map(async (tab) => {
      await tab.reload()
      await tab.getByRole('button', { name: 'Sign in' }).waitFor()
    }),
  )
  expect((await log()).refreshRequests).toBe(1)
})
