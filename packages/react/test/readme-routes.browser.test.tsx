import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { auth, Guard, loadOrders } from './examples/routes.tsx'

function show(): HTMLElement {
  const container = document.createElement('div')
  const root = createRoot(container)
  onTestFinished(() => root.unmount())
  root.render(<Guard signIn="Sign in">Orders</Guard>)
  return container
}

const request = new Request('/orders')

test('the README’s guard shows the routes to who is signed in only, and its loader asks for nobody else', async () => {
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json(['tea']))
  onTestFinished(() => asked.mockRestore())
  const container = show()
  expect(await loadOrders({ request })).toBeNull()
  await vi.waitFor(() => expect(container.textContent).toBe('Sign in'))
  expect(asked).not.toHaveBeenCalled()

  await auth.setSession({ accessToken: 'canary_access', refreshToken: 'canary_refresh', user: { id: '1', claims: {} } })
  await vi.waitFor(() => expect(container.textContent).toBe('Orders'))
  expect(await loadOrders({ request })).toEqual(['tea'])
  const [input, init] = asked.mock.calls.at(-1) ?? []
  expect(new Request(input ?? '', init).headers.get('authorization')).toBe('Bearer canary_access')

  await auth.signOut()
  await vi.waitFor(() => expect(container.textContent).toBe('Sign in'))
})
