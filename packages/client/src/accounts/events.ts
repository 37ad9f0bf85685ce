import type { Realm } from '../realm/realm.ts'
import type { Session, SignedOutReason } from '../base/session.ts'

export type AuthEvent =
  | 'INITIAL_SESSION'
  | 'SIGNED_IN'
  | 'SIGNED_OUT'
  | 'TOKEN_REFRESHED'
  | 'USER_UPDATED'
  /** Another account that was signed in already is shown now. Nobody came or went. */
  | 'ACCOUNT_SWITCHED'

export interface AuthEventDetails {
  /** Why a session ended; null on all other events. */
  readonly reason: SignedOutReason | null
  /** Whether this client did it, or another tab or client. */
  readonly source: 'own' | 'foreign'
  /** Display id of the account; null where nobody is meant. */
  readonly account: string | null
  /** Display id of the session; null where nobody is meant. */
  readonly sessionId: string | null
}

/**
 * Called in order, after the change is stored, never awaited. It may call anything of the client; what it throws is
 * reported and harms nobody else.
 */
export type AuthEventHandler = (event: AuthEvent, session: Session | null, details: AuthEventDetails) => unknown

export interface Events {
  /** Delivers to every subscriber who wants to hear of this account, in a task of its own order. */
  emit(event: AuthEvent, session: Session | null, details: AuthEventDetails): void
  /** `initial` is asked for when the first delivery is due, so it tells what is true then. */
  subscribe(
    handler: AuthEventHandler,
    initial: Promise<() => Parameters<AuthEventHandler>>,
    wants: (account: string | null) => boolean,
  ): () => void
  /** Whether somebody listens who wants to hear of this account. */
  isHeard(account: string): boolean
  /**
   * A handler of the refresh that brought this revision runs, or its promise is pending for less than one patience: a
   * refresh asked for now would make the next such event, and never end.
   */
  isHandling(sessionId: string, revision: number): boolean
  close(): void
}

interface Subscriber {
  readonly handler: AuthEventHandler
  readonly wants: (account: string | null) => boolean
  /** What happened before its INITIAL_SESSION was delivered waits here; null once that is out. */
  waiting: Parameters<AuthEventHandler>[] | null
}

export function createEvents({ clock, reportError }: Pick<Realm, 'clock' | 'reportError'>, patience: number): Events {
  const subscribers = new Set<Subscriber>()
  /** By session and revision: what ends each handling. */
  const handling = new Map<string, Set<() => void>>()

  function begin(event: AuthEvent, session: Session | null): () => void {
    if (!session || event !== 'TOKEN_REFRESHED') return () => {}
    const key = `${session.sessionId}:${session.revision}`
    const ends = handling.get(key) ?? new Set()
    handling.set(key, ends)
    const end = (): void => {
      if (!ends.delete(end)) return
      cancel()
      if (ends.size === 0) handling.delete(key)
    }
    ends.add(end)
    const cancel = clock.after(patience, end, 'background')
    return end
  }

  function deliver(subscriber: Subscriber, event: Parameters<AuthEventHandler>): void {
    queueMicrotask(() => {
      if (!subscribers.has(subscriber)) return
      const end = begin(event[0], event[1])
      // Whatever it gives that can be waited for is waited for.
      void (async () => subscriber.handler(...event))().catch(reportError).finally(end)
    })
  }

  return {
    emit(...event) {
      for (const subscriber of subscribers) {
        if (!subscriber.wants(event[2].account)) continue
        if (subscriber.waiting) subscriber.waiting.push(event)
        else deliver(subscriber, event)
      }
    },
    subscribe(handler, initial, wants) {
      const subscriber: Subscriber = { handler, wants, waiting: [] }
      subscribers.add(subscriber)
      void initial.then((first) => {
        const waited = subscriber.waiting ?? []
        subscriber.waiting = null
        deliver(subscriber, first())
        // INITIAL_SESSION tells the state of now, so earlier refreshes are no news; that somebody came or went is.
        for (const event of waited)
          if (event[0] !== 'TOKEN_REFRESHED' && event[0] !== 'USER_UPDATED') deliver(subscriber, event)
      })
      return () => void subscribers.delete(subscriber)
    },
    isHeard: (account) => [...subscribers].some(({ wants }) => wants(account)),
    isHandling: (sessionId, revision) => handling.has(`${sessionId}:${revision}`),
    close() {
      subscribers.clear()
      for (const ends of handling.values()) for (const end of ends) end()
    },
  }
}

/**
 * Calls those listeners of the app who listen now and in their turn still do: one may leave and listen again, or dispose of the client.
 * What they throw belongs to the page's error handling, and stops nothing here.
 */
export function callEach(listeners: ReadonlySet<() => void>, { reportError }: Pick<Realm, 'reportError'>): void {
  for (const listener of new Set(listeners)) {
    try {
      if (listeners.has(listener)) listener()
    } catch (error) {
      reportError(error)
    }
  }
}
