import { expect, test } from 'vitest'
import { order } from '../test/visitor.ts'
import { act, signIn, tableRows, visitPlayground, withoutPanel } from './visit.ts'

test('two tabs on one session, both expired, both call: one token request in all, and nobody is signed out', async () => {
  const { playground, openTab, log } = await visitPlayground()
  const one = await openTab()
  await signIn(one)
  const two = await openTab()
  await two.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  await act(one, 'Expire now')
  // Long enough for the second tab to ask while the first one waits.
  await order(playground, 'fault', { kind: 'delay_answer', ms: 3_000 })
  const { refreshRequests: before } = await log()

  const results = await Promise.all([act(one, 'Call ×10'), act(two, 'Call ×10')])

  for (const result of results) expect(result).toContain('10 × 200')
  expect((await log()).refreshRequests - before).toBe(1)
  for (const tab of [one, two]) {
    await tab.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
    // Each panel shows both tabs: the one that asked the server, and the one that took what the other had got.
    const shown = async () =>
      (await tableRows(tab, 'Refreshes')).flatMap((row) => /rotated|adopted/.exec(row)?.[0] ?? [])
    await expect.poll(shown, { timeout: 15_000 }).toEqual(expect.arrayContaining(['rotated', 'adopted']))
    const tabs = async () => (await tableRows(tab, 'Refreshes')).flatMap((row) => /Tab \w/.exec(row)?.[0] ?? [])
    expect(new Set(await tabs()).size).toBe(2)
  }
})

test('ten rounds of simultaneous expiry in two tabs against a strict server: ten token requests, no reuse', async () => {
  const { openTab, log } = await visitPlayground(undefined, withoutPanel)
  const one = await openTab()
  await signIn(one)
  const two = await openTab()
  await two.getByRole('button', { name: 'Sign out', exact: true }).waitFor()

  for (let round = 1; round <= 10; round += 1) {
    await act(one, 'Expire now')
    const results = await Promise.all([act(one, 'Call once'), act(two, 'Call once')])
    for (const result of results) expect(result).toContain('200')
    expect((await log()).refreshRequests).toBe(round)
  }
  expect((await log()).entries.filter((entry) => entry.error !== undefined)).toEqual([])
})

test('a sign-out in one tab signs the other one out', async () => {
  const { openTab } = await visitPlayground(undefined, withoutPanel)
  const one = await openTab()
  await signIn(one)
  const two = await openTab()
  await two.getByRole('button', { name: 'Sign out', exact: true }).click()

  await one.getByRole('button', { name: 'Sign in' }).waitFor()
  await one.getByText('You signed out in another tab, and this one followed.').waitFor()
})
