import { AuthError } from '@authflight/client'
import { act, Component, lazy, type ReactNode, StrictMode, Suspense } from 'react'
import { describe, expect, test } from 'vitest'
import { AuthProvider, useAuth, useSession } from '../src/index.ts'
import { fakeClient, session, type FakeClient } from './support/fake-client.ts'
import { createStage } from './support/stage.tsx'

class Boundary extends Component<{ children: ReactNode }, { message: string | null }> {
  override state = { message: null }
  static getDerivedStateFromError = (error: Error) => ({ message: error.message })
  override render = (): ReactNode => this.state.message ?? this.props.children
}

function Who(): ReactNode {
  const snapshot = useSession()
  return 'session' in snapshot ? `${snapshot.status}: ${snapshot.session.user?.name}` : snapshot.status
}

describe('a client that is handed in', () => {
  test('is the one that useAuth gives', async () => {
    const stage = createStage()
    const { client } = fakeClient()
    const seen: unknown[] = []
    function Look(): null {
      seen.push(useAuth())
      return null
    }
    await stage.show(
      <AuthProvider client={client}>
        <Look />
      </AuthProvider>,
    )
    expect(new Set(seen)).toEqual(new Set([client]))
  })

  test('is never disposed, not even under Strict Mode, and has no listener left after the unmount', async () => {
    const stage = createStage()
    const fake = fakeClient()
    await stage.show(
      <StrictMode>
        <AuthProvider client={fake.client}>
          <Who />
        </AuthProvider>
      </StrictMode>,
    )
    expect(fake.listeners).toBe(1)
    await stage.clear()
    expect(fake).toMatchObject({ disposed: false, listeners: 0 })
  })

  test('is followed from restoring to signed-in, to stale and to signed-out', async () => {
    const stage = createStage()
    const fake = fakeClient()
    await stage.show(
      <AuthProvider client={fake.client}>
        <Who />
      </AuthProvider>,
    )
    expect(stage.container.textContent).toBe('restoring')
    await act(() => fake.move({ status: 'signed-in', session: session('Ada') }))
    expect(stage.container.textContent).toBe('signed-in: Ada')
    const error = new AuthError('network', 'offline')
    await act(() => fake.move({ status: 'stale', session: session('Ada'), error, retryAt: null }))
    expect(stage.container.textContent).toBe('stale: Ada')
    await act(() => fake.move({ status: 'signed-out', reason: 'user' }))
    expect(stage.container.textContent).toBe('signed-out')
  })

  test('can be changed for another, and the first is let go', async () => {
    const stage = createStage()
    const first = fakeClient({ status: 'signed-in', session: session('Ada') })
    const second = fakeClient({ status: 'signed-in', session: session('Bo') })
    const tree = (fake: FakeClient) => (
      <AuthProvider client={fake.client}>
        <Who />
      </AuthProvider>
    )
    await stage.show(tree(first))
    await stage.show(tree(second))
    expect(stage.container.textContent).toBe('signed-in: Bo')
    expect(first).toMatchObject({ disposed: false, listeners: 0 })
  })

  test('renders restoring while a server-rendered page is hydrated, then what the client holds', async () => {
    const { client } = fakeClient({ status: 'signed-in', session: session('Ada') })
    const stage = createStage()
    await stage.hydrate(
      'restoring',
      <AuthProvider client={client}>
        <Who />
      </AuthProvider>,
    )
    expect(stage.mismatches).toEqual([])
    expect(stage.container.textContent).toBe('signed-in: Ada')
  })
})

describe('a client that the provider makes', () => {
  test('is one live client with one timer under Strict Mode, and none after the unmount', async () => {
    const stage = createStage()
    const timers = new Set<unknown>()
    const made: FakeClient[] = []
    const create = () => {
      const fake = fakeClient({ status: 'signed-in', session: session('Ada') }, timers)
      made.push(fake)
      return fake.client
    }
    await stage.show(
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
    expect(stage.container.textContent).toBe('signed-in: Ada')

    await stage.clear()
    expect(made.every((fake) => fake.disposed && fake.listeners === 0)).toBe(true)
    expect(timers.size).toBe(0)
  })

  test('stays while Suspense hides what is below for a moment', async () => {
    const stage = createStage()
    const made: FakeClient[] = []
    const create = () => {
      const fake = fakeClient({ status: 'signed-in', session: session('Ada') })
      made.push(fake)
      return fake.client
    }
    let load = (): void => {}
    const loading = new Promise<void>((resolve) => (load = resolve))
    const Late = lazy(() => loading.then(() => ({ default: Who })))
    await stage.show(
      <Suspense fallback="a moment">
        <AuthProvider create={create}>
          <Late />
        </AuthProvider>
      </Suspense>,
    )
    expect(stage.container.textContent).toContain('a moment')
    await act(async () => load())
    await expect.poll(() => stage.container.textContent).toBe('signed-in: Ada')
    expect(made.map(({ disposed }) => disposed)).toEqual([false])
    await stage.clear()
    expect(made.map(({ disposed }) => disposed)).toEqual([true])
  })

  test('is made once, however often an inline create is rendered', async () => {
    const stage = createStage()
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
    await stage.show(tree())
    await stage.show(tree())
    expect(made).toBe(1)
    expect(stage.container.textContent).toBe('restoring')
  })

  test('is made on the client only: what the server left empty is hydrated without a mismatch', async () => {
    const stage = createStage()
    const create = () => fakeClient({ status: 'signed-in', session: session('Ada') }).client
    await stage.hydrate(
      '',
      <StrictMode>
        <AuthProvider create={create}>
          <Who />
        </AuthProvider>
      </StrictMode>,
    )
    expect(stage.mismatches).toEqual([])
    expect(stage.container.textContent).toBe('signed-in: Ada')
  })

  test('gives way to one that is handed in, and is disposed', async () => {
    const stage = createStage()
    const made = fakeClient({ status: 'signed-in', session: session('Ada') })
    const lent = fakeClient({ status: 'signed-in', session: session('Bo') })
    await stage.show(
      <AuthProvider create={() => made.client}>
        <Who />
      </AuthProvider>,
    )
    await stage.show(
      <AuthProvider client={lent.client}>
        <Who />
      </AuthProvider>,
    )
    expect(stage.container.textContent).toBe('signed-in: Bo')
    expect([made.disposed, lent.disposed]).toEqual([true, false])
  })

  const fault = / Its create must make a new client; for one made elsewhere pass `client`\.$/

  test('must be a new one: what Strict Mode or an unmount has disposed is not taken again', async () => {
    const { client } = fakeClient({ status: 'signed-in', session: session('Ada') })
    const tree = (
      <Boundary>
        <AuthProvider create={() => client}>
          <Who />
        </AuthProvider>
      </Boundary>
    )
    const strict = createStage()
    await strict.show(<StrictMode>{tree}</StrictMode>)
    expect(strict.container.textContent).toMatch(fault)
    const next = createStage()
    await next.show(tree)
    expect(next.container.textContent).toMatch(fault)
  })

  test('must be of one provider: of two that share one the second says so, and the first goes on', async () => {
    const stage = createStage()
    const shared = fakeClient({ status: 'signed-in', session: session('Ada') })
    const create = () => shared.client
    const tree = (second: ReactNode) => (
      <>
        <p>
          <AuthProvider create={create}>
            <Who />
          </AuthProvider>
        </p>
        <p>{second}</p>
      </>
    )
    await stage.show(
      tree(
        <Boundary>
          <AuthProvider create={create}>
            <Who />
          </AuthProvider>
        </Boundary>,
      ),
    )
    const shown = () => [...stage.container.querySelectorAll('p')].map(({ textContent }) => textContent)
    expect(shown()).toEqual(['signed-in: Ada', expect.stringMatching(fault)])
    await stage.show(tree(null))
    expect(shown()).toEqual(['signed-in: Ada', ''])
    expect(shared).toMatchObject({ disposed: false, listeners: 1 })
  })

  test.each([
    { what: 'throws', create: () => expect.fail('The options are wrong.'), message: /^The options are wrong\.$/ },
    { what: 'makes none', create: () => undefined as never, message: /Its create made none\.$/ },
  ])('shows the error boundary what is wrong when create $what', async ({ create, message }) => {
    const stage = createStage()
    await stage.show(
      <Boundary>
        <AuthProvider create={create}>
          <Who />
        </AuthProvider>
      </Boundary>,
    )
    expect(stage.container.textContent).toMatch(message)
  })
})
