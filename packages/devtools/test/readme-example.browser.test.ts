import { expect, test, vi } from 'vitest'

test('an app without React has the button of the panel as soon as it imports what the README shows', async () => {
  await import('./examples/without-react.ts')
  const button = () =>
    document
      .querySelector('[data-authflight=devtools]')
      ?.shadowRoot?.querySelector('[aria-label="Open the auth devtools"]')
  await vi.waitFor(() => expect(button()).toBeInstanceOf(HTMLButtonElement))
})
