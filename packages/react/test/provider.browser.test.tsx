import { act, StrictMode, type ReactNode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AuthProvider, useAuth, useSession } from '../src/index.ts'
import { fakeClient, session, type FakeClient } from './fake-client.ts'

let container: HTMLElement
let root: Root | undefined

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  container = document.createElement('div')
  root = undefined
})

afterEach(() => act(() => root?.unmount()))

function show(tree: ReactNode): Promise<void> {
  root ??= createRoot(container)
  return act(async () => root?.render(tree))
}

function Who(): ReactNode {
  const snapshot = useSession()
  return 'session' in snapshot ? `${snapshot.status}: ${snapshot.session.user?.name}` : snapshot.status
}

describe('a client that is handed in', () => {
  test('is the one that useAuth gives', async () => {
    const { client } = fakeClient()
    const seen: unknown[] = []
    function Look(): null {
      seen.push(useAuth())
      return null
    }
    await show(
      <AuthProvider client={client}>
        <Look />
      </AuthProvider>,
    )
    expect(new Set(seen)).toEqual(new Set([client]))
  })

  test('is never disposed, not even under Strict Mode, and has no listener left after the unmount', async () => {
    const fake = fakeClient()
    await show(
      <StrictMode>
        <AuthProvider client={fake.client}>
          <Who />
        </AuthProvider>
      </StrictMode>,
    )
    expect(fake.listeners).toBe(1)
    await act(() => root?.unmount())
    expect(fake).toMatchObject({ disposed: false, listeners: 0 })
  })

  test('is followed from restoring to signed-in, to stale and to signed-out', async () => {
    const fake = fakeClient()
    await show(
      <AuthProvider client={fake.client}>
        <Who />
      </AuthProvider>,
    )
    expect(container.textContent).toBe('restoring')
    await act(() => fake.move({ status: 'signed-in', session: session('Ada') }))
    expect(container.textContent).toBe('signed-in: Ada')
    await act(() => fake.move({ status: 'stale', session: session('Ada'), error: new Error('offline'), retryAt: null }))
    expect(container.textContent).toBe('stale: Ada')
    await act(() => fake.move({ status: 'signed-out', reason: 'user' }))
    expect(container.textContent).toBe('signed-out')
  })

  test('can be changed for another, and the first is let go', async () => {
    const first = fakeClient({ status: 'signed-in', session: session('Ada') })
    const second = fakeClient({ status: 'signed-in', session: session('Bo') })
    const tree = (fake: FakeClient) => (
      <AuthProvider client={fake.client}>
        <Who />
      </AuthProvider>
    )
    await show(tree(first))
    await show(tree(second))
    expect(container.textContent).toBe('signed-in: Bo')
    expect(first).toMatchObject({ disposed: false, listeners: 0 })
  })

  test('renders restoring while a server-rendered page is hydrated, then what the client holds', async () => {
    const { client } = fakeClient({ status: 'signed-in', session: session('Ada') })
    const problems: unknown[] = []
    container.innerHTML = 'restoring'
    await act(() => {
      root = hydrateRoot(
        container,
        <AuthProvider client={client}>
          <Who />
        </AuthProvider>,
        { onRecoverableError: (error) => problems.push(error) },
      )
    })
    expect(problems).toEqual([])
    expect(container.textContent).toBe('signed-in: Ada')
  })
})

describe('a client that the provider makes', () => {
  test('is one live client with one timer under Strict Mode, and none after the unmount', async () => {
    const timers = new Set<unknown>()
    const made: FakeClient[] = []
    const create = () => {
      const fake = fakeClient({ status: 'signed-in', session: session('Ada') }, timers)
      made.push(fake)
      return fake.client
    }
    await show(
      <StrictMode>
        <AuthProvider create={create}>
          <Who />
        </AuthProvider>
      </StrictMode>,
    )
    const alive = made.filter((fake) => !fake.disposed)
    expect(alive).toHaveLength(1)
    expect(alive[0]?.listeners).toBe(1)
    expect(timers.size).toBe(1)
    expect(container.textContent).toBe('signed-in: Ada')

    await act(() => root?.unmount())
    expect(made.every((fake) => fake.disposed && fake.listeners === 0)).toBe(true)
    expect(timers.size).toBe(0)
  })

  test('is made once, however often an inline create is rendered', async () => {
    let made = 0
    const tree = () => (
      <AuthProvider
        create={() => {
          made += 1
          return fakeClient().client
        }}
      >
        <Who />
      </AuthProvider>
    )
    await show(tree())
    await show(tree())
    expect(made).toBe(1)
    expect(container.textContent).toBe('restoring')
  })
})
