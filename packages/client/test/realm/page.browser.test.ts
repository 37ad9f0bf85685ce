import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClient, memoryStore } from '../../src/index.ts'
import { systemPage } from '../../src/realm/page.ts'
import { oauth } from '../../src/providers/oauth.ts'

const open = new Set<BroadcastChannel>()
beforeEach(() => {
  vi.stubGlobal(
    'BroadcastChannel',
    class extends BroadcastChannel {
      constructor(name: string) {
        super(name)
        open.add(this)
      }
      override close() {
        open.delete(this)
        super.close()
      }
    },
  )
})
afterEach(() => {
  vi.unstubAllGlobals()
  open.clear()
})

function createClient() {
  const provider = oauth({ issuer: 'https://id.example.test', clientId: 'spa' })
  const auth = createAuthClient({ provider, storage: memoryStore(), redirect: 'manual' })
  onTestFinished(() => auth.dispose())
  return auth
}
const tell = (target: EventTarget, type: string, init?: PageTransitionEventInit) =>
  target.dispatchEvent(init ? new PageTransitionEvent(type, init) : new Event(type))

function showAs(visibility: DocumentVisibilityState): void {
  Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true })
  onTestFinished(() => void Reflect.deleteProperty(document, 'visibilityState'))
  tell(document, 'visibilitychange')
}

test('a page that is left keeps no channel open, also when it is told `hidden` after `pagehide`', () => {
  createClient()
  expect(open.size).toBe(1)
  tell(window, 'pagehide', { persisted: true })
  showAs('hidden')
  expect(open.size).toBe(0)
})

test('a page that comes back listens again', () => {
  createClient()
  tell(window, 'pagehide', { persisted: true })
  tell(window, 'pageshow', { persisted: true })
  expect(open.size).toBe(1)
})

test('a frozen page listens again when it is resumed', () => {
  createClient()
  tell(document, 'freeze')
  expect(open.size).toBe(0)
  tell(document, 'resume')
  expect(open.size).toBe(1)
})

test('a page that is only hidden goes on listening', () => {
  createClient()
  showAs('hidden')
  expect(open.size).toBe(1)
})

test('a disposed client has no channel, whatever the page goes through', () => {
  createClient().dispose()
  tell(window, 'pagehide', { persisted: true })
  tell(window, 'pageshow', { persisted: true })
  expect(open.size).toBe(0)
})

test('a router hears where a sign-in that has come back goes on, and keeps its state', () => {
  const before = [history.state, location.href] as const
  onTestFinished(() => history.replaceState(...([before[0], '', before[1]] as const)))
  history.replaceState({ of: 'a router' }, '', '/callback?code=canary')
  const rendered: string[] = []
  const router = ({ state }: PopStateEvent) => void rendered.push(`${location.pathname} ${String(state)}`)
  addEventListener('popstate', router)
  onTestFinished(() => removeEventListener('popstate', router))
  systemPage.replaceAddress(`${location.origin}/orders`)
  systemPage.replaceAddress(`${location.origin}/orders`)
  expect(rendered).toEqual(['/orders null'])
  expect([location.pathname, history.state]).toEqual(['/orders', { of: 'a router' }])
})
