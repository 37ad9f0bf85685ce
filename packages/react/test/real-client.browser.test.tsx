import { createAuthClient, memoryStore } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { act, StrictMode, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AuthProvider, useSession } from '../src/index.ts'

const open = new Set<BroadcastChannel>()

class CountedChannel extends BroadcastChannel {
  constructor(name: string) {
    super(name)
    open.add(this)
  }
  override close(): void {
    open.delete(this)
    super.close()
  }
}

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  vi.stubGlobal('BroadcastChannel', CountedChannel)
})
afterEach(() => vi.unstubAllGlobals())

function Status(): ReactNode {
  return useSession().status
}

const create = () =>
  createAuthClient({
    provider: oauth({ issuer: 'https://id.example.com', clientId: 'app' }),
    storage: memoryStore(),
  })

test('of the real client one is alive under Strict Mode, and shows that nobody is signed in; after the unmount none is', async () => {
  const container = document.createElement('div')
  const root = createRoot(container)
  await act(async () =>
    root.render(
      <StrictMode>
        <AuthProvider create={create}>
          <Status />
        </AuthProvider>
      </StrictMode>,
    ),
  )
  await vi.waitFor(() => expect(container.textContent).toBe('signed-out'))
  expect(open.size).toBe(1)

  await act(async () => root.unmount())
  expect(open.size).toBe(0)
})
