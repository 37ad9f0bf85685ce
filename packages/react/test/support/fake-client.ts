import type { AuthClient, AuthSnapshot, Session } from '@authflight/client'

/** The part of a client that the binding uses, moved by hand. While it lives it holds a timer, as the real one does. */
export interface FakeClient {
  readonly client: AuthClient
  readonly disposed: boolean
  readonly listeners: number
  move(snapshot: AuthSnapshot): void
}

export function fakeClient(snapshot: AuthSnapshot = { status: 'restoring' }, timers = new Set<unknown>()): FakeClient {
  const listeners = new Set<() => void>()
  let disposed = false
  timers.add(listeners)
  const used: Pick<AuthClient, 'subscribe' | 'getSnapshot' | 'dispose'> = {
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    getSnapshot: () => snapshot,
    dispose: () => {
      disposed = true
      timers.delete(listeners)
    },
  }
  return {
    client: used as AuthClient,
    get disposed() {
      return disposed
    },
    get listeners() {
      return listeners.size
    },
    move(next) {
      snapshot = next
      for (const listener of listeners) listener()
    },
  }
}

export function session(name: string): Session {
  return {
    accessToken: 'access',
    tokenType: 'bearer',
    expiresAt: null,
    scopes: ['openid'],
    user: { id: name, name, claims: {} },
    account: 'account-1',
    sessionId: `session-of-${name}`,
    revision: 1,
  }
}
