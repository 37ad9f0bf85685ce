import { createRoot } from 'react-dom/client'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { App } from './examples/app.tsx'

const page = location.href
beforeEach(() => {
  onTestFinished(() => history.replaceState(null, '', page))
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('canary'))
  onTestFinished(() => void vi.restoreAllMocks())
})

/** Shows the README's app in the page that has this query. */
async function open(query: string): Promise<HTMLElement> {
  history.replaceState(null, '', `${location.pathname}?${query}`)
  const container = document.createElement('div')
  const root = createRoot(container)
  onTestFinished(() => root.unmount())
  root.render(<App />)
  await vi.waitFor(() => expect(container.textContent).toContain('Sign in'))
  return container
}

const problem = (container: HTMLElement) => container.querySelector('[role=alert]')?.textContent

test('the README’s app says why a sign-in did not succeed that has just come back', async () => {
  const container = await open(
    `error=access_denied&state=authflight-spa-${'canary'.padEnd(43, '0')}&iss=https://id.example.com`,
  )
  await vi.waitFor(() => expect(problem(container)).toMatch(/sign-in was not begun here/))
})

test('and why one could not begin', async () => {
  const container = await open('')
  expect(problem(container)).toBeUndefined()
  container.querySelector('button')?.click()
  await vi.waitFor(() => expect(problem(container)).toMatch(/could not be reached/))
})
