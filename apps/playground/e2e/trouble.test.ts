import { expect, test } from 'vitest'
import { order } from '../test/visitor.ts'
import { act, signIn, visitPlayground, withoutPanel } from './visit.ts'

test('a browser whose IndexedDB throws keeps the session in memory, and says so once', async () => {
  const said: string[] = []
  const { openTab } = await visitPlayground(undefined, (context) => {
    context.on('console', (message) => {
      if (message.text().includes('Authflight')) said.push(message.text())
    })
    return context.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('Blocked by the test.', 'SecurityError')
      }
    })
  })
  const page = await openTab()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()

  expect(said).toHaveLength(1)
  expect(said[0]).toContain('kept in memory')
  expect(said[0]).toContain('Allow site data')
})

test('an unreachable provider: the sign-in says what is wrong and what to do', async () => {
  const { playground, openTab } = await visitPlayground(undefined, withoutPanel)
  const page = await openTab()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await order(playground, 'fault', { kind: 'refuse' })

  await page.getByRole('button', { name: 'Sign in' }).click()

  const result = page.getByRole('status', { name: 'Last result' })
  await expect.poll(() => result.textContent()).toContain('could not be reached')
  expect(await result.textContent()).toContain('Check that it runs')
})

// What happens under the other faults is seen with the panel's verdicts.
test.for([
  ['error', 'server_error'],
  ['refuse', 'network'],
])('a refresh that meets the fault %s keeps the session and says %s', async ([kind, code]) => {
  const { playground, openTab } = await visitPlayground(undefined, withoutPanel)
  const page = await openTab()
  await signIn(page)
  await order(playground, 'fault', { kind })

  const result = await act(page, 'Refresh now')

  expect(result).toContain(code)
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
})

test('a page that is reloaded after the server has rotated is told so in seconds: signed out once, because the answer was lost', async () => {
  const { playground, openTab, log } = await visitPlayground(undefined, withoutPanel)
  const page = await openTab()
  await signIn(page)
  await act(page, 'Expire now')
  await order(playground, 'fault', { kind: 'delay_answer', ms: 60_000 })
  await page.getByRole('button', { name: 'Call once' }).click()
  await expect.poll(async () => (await log()).refreshRequests, { timeout: 20_000 }).toBe(1)

  await page.reload()
  await order(playground, 'fault', { kind: 'none' })
  await page.getByRole('button', { name: 'Call once' }).click()

  await page.getByText('The answer to a refresh got lost after the server had rotated the token.').waitFor()
  expect((await log()).refreshRequests).toBe(2)
})
