import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  type AuthEvent,
  type AuthEventDetails,
  type AuthEventHandler,
  callEach,
  createEvents,
} from '../../src/accounts/events.ts'
import type { Session } from '../../src/base/session.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { letTokensDie } from '../support/stores.ts'

const session: Session = {
  accessToken: 'a',
  tokenType: 'bearer',
  expiresAt: null,
  scopes: [],
  user: null,
  account: 'account',
  sessionId: 's1',
  revision: 2,
}
const details: AuthEventDetails = { reason: null, source: 'own', account: 'account', sessionId: 's1' }
const initial = (): Parameters<AuthEventHandler> => ['INITIAL_SESSION', null, details]
const everybody = (): boolean => true
const delivered = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The names of what a subscriber heard, in order. */
function listen() {
  const heard: AuthEvent[] = []
  return { heard, handler: (event: AuthEvent) => void heard.push(event) }
}

describe('the queue of a subscriber', () => {
  test('begins with INITIAL_SESSION, and what it says is asked for when it is due', async () => {
    const events = createEvents(systemRealm, 1_000)
    const ready = createDeferred<typeof initial>()
    const handler = vi.fn<AuthEventHandler>()
    events.subscribe(handler, ready.promise, everybody)
    await delivered()
    expect(handler).not.toHaveBeenCalled()
    ready.resolve(() => ['INITIAL_SESSION', session, details])
    await delivered()
    expect(handler).toHaveBeenCalledExactlyOnceWith('INITIAL_SESSION', session, details)
  })

  test('keeps who came and went before INITIAL_SESSION for after it, and drops refreshes, which are no news then', async () => {
    const events = createEvents(systemRealm, 1_000)
    const ready = createDeferred<typeof initial>()
    const { heard, handler } = listen()
    events.subscribe(handler, ready.promise, everybody)
    for (const event of ['SIGNED_IN', 'TOKEN_REFRESHED', 'SIGNED_OUT', 'USER_UPDATED', 'SIGNED_IN'] as const) {
      events.emit(event, session, details)
    }
    await delivered()
    ready.resolve(initial)
    events.emit('SIGNED_OUT', null, details)
    await delivered()
    expect(heard).toEqual(['INITIAL_SESSION', 'SIGNED_IN', 'SIGNED_OUT', 'SIGNED_IN', 'SIGNED_OUT'])
  })

  test('keeps the order of what happened, also where a handler makes something happen', async () => {
    const events = createEvents(systemRealm, 1_000)
    const { heard, handler } = listen()
    events.subscribe(
      (event) => {
        if (event === 'SIGNED_IN') events.emit('SIGNED_OUT', null, details)
      },
      Promise.resolve(initial),
      everybody,
    )
    events.subscribe(handler, Promise.resolve(initial), everybody)
    await delivered()
    events.emit('SIGNED_IN', session, details)
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    expect(heard).toEqual(['INITIAL_SESSION', 'SIGNED_IN', 'TOKEN_REFRESHED', 'SIGNED_OUT'])
  })

  test('one handler subscribed twice is two subscribers', async () => {
    const events = createEvents(systemRealm, 1_000)
    const { heard, handler } = listen()
    const stop = events.subscribe(handler, Promise.resolve(initial), everybody)
    events.subscribe(handler, Promise.resolve(initial), everybody)
    await delivered()
    stop()
    events.emit('SIGNED_IN', session, details)
    await delivered()
    expect(heard).toEqual(['INITIAL_SESSION', 'INITIAL_SESSION', 'SIGNED_IN'])
  })

  test('holds nothing of an account that it does not want to hear of, before INITIAL_SESSION and after', async () => {
    const events = createEvents(systemRealm, 1_000)
    const { heard, handler } = listen()
    events.subscribe(handler, Promise.resolve(initial), (account) => account === 'another')
    events.emit('SIGNED_IN', session, details)
    await delivered()
    events.emit('SIGNED_OUT', null, details)
    await delivered()
    expect(heard).toEqual(['INITIAL_SESSION'])
  })

  test.each(['unsubscribed', 'closed'] as const)(
    'ends at once when it is %s, also for what is under way',
    async (how) => {
      const events = createEvents(systemRealm, 1_000)
      const { heard, handler } = listen()
      const stop = events.subscribe(handler, Promise.resolve(initial), everybody)
      await delivered()
      events.emit('SIGNED_IN', session, details)
      if (how === 'closed') events.close()
      else stop()
      await delivered()
      expect(heard).toEqual(['INITIAL_SESSION'])
    },
  )
})

describe('a handler’s fault', () => {
  const reported = vi.fn()
  beforeEach(() => void vi.stubGlobal('reportError', reported))
  afterEach(() => {
    vi.unstubAllGlobals()
    reported.mockReset()
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('a fault')
      },
    ],
    ['rejects', () => Promise.reject(new Error('a fault'))],
  ])('that %s is reported to the page, and the others hear all', async (_, faulty) => {
    const events = createEvents(systemRealm, 1_000)
    const { heard, handler } = listen()
    events.subscribe(faulty, Promise.resolve(initial), everybody)
    events.subscribe(handler, Promise.resolve(initial), everybody)
    events.emit('SIGNED_IN', session, details)
    await delivered()
    expect(heard).toEqual(['INITIAL_SESSION', 'SIGNED_IN'])
    expect(reported).toHaveBeenCalledTimes(2)
    expect(reported).toHaveBeenCalledWith(expect.objectContaining({ message: 'a fault' }))
  })

  test('of a listener is reported, and the others are called', () => {
    const error = new Error('a fault')
    const other = vi.fn()
    const faulty = (): void => {
      throw error
    }
    callEach(new Set([faulty, other]), { reportError: reported })
    expect(reported).toHaveBeenCalledExactlyOnceWith(error)
    expect(other).toHaveBeenCalledOnce()
  })

  test('goes to the console where there is no page', async () => {
    vi.stubGlobal('reportError', undefined)
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const events = createEvents(systemRealm, 1_000)
    events.subscribe(
      () => {
        throw new Error('a fault')
      },
      Promise.resolve(initial),
      everybody,
    )
    await delivered()
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'a fault' }))
    log.mockRestore()
  })
})

describe('a refresh is being handled', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())
  const of2 = (events: ReturnType<typeof createEvents>) => events.isHandling('s1', 2)

  async function subscribe(handler: AuthEventHandler) {
    const events = createEvents(systemRealm, 1_000)
    events.subscribe(
      (event, ...rest) => event === 'TOKEN_REFRESHED' && handler(event, ...rest),
      Promise.resolve(initial),
      everybody,
    )
    await delivered()
    return events
  }

  test('while the handler runs', async () => {
    const seen: boolean[] = []
    const events = await subscribe(
      () => void seen.push(of2(events), events.isHandling('s1', 3), events.isHandling('s2', 2)),
    )
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    expect(seen).toEqual([true, false, false])
    expect(of2(events)).toBe(false)
  })

  test.each([
    ['until its promise settles', Promise],
    ['until what it gives settles, which may be a promise of another realm', runInNewContext('Promise')],
  ] as [string, PromiseConstructor][])('%s', async (_, SomePromise) => {
    const { promise, resolve } = createDeferred()
    const events = await subscribe(() => new SomePromise<void>((settle) => void promise.then(settle)))
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    expect(of2(events)).toBe(true)
    resolve()
    await delivered()
    expect(of2(events)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('until it throws', async () => {
    vi.stubGlobal('reportError', () => {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const events = await subscribe(() => {
      throw new Error('a fault')
    })
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    expect(of2(events)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('by nobody who has unsubscribed before being told', async () => {
    const events = createEvents(systemRealm, 1_000)
    const stop = events.subscribe(() => {}, Promise.resolve(initial), everybody)
    await delivered()
    events.emit('TOKEN_REFRESHED', session, details)
    stop()
    await delivered()
    expect(of2(events)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('no longer than one patience, though its promise never settles', async () => {
    const events = await subscribe(() => new Promise(() => {}))
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    await vi.advanceTimersByTimeAsync(999)
    expect(of2(events)).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(of2(events)).toBe(false)
  })

  test('and a handler that is late is no end of what came after it', async () => {
    const late = createDeferred()
    const returned = [late.promise, new Promise(() => {})]
    const events = await subscribe(() => returned.shift())
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    await vi.advanceTimersByTimeAsync(1_000)
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    late.resolve()
    await delivered()
    expect(of2(events)).toBe(true)
  })

  test('until the last of several handlers is done', async () => {
    const { promise, resolve } = createDeferred()
    const events = await subscribe(() => promise)
    events.subscribe(() => {}, Promise.resolve(initial), everybody)
    await delivered()
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    expect(of2(events)).toBe(true)
    resolve()
    await delivered()
    expect(of2(events)).toBe(false)
  })

  test('not after close, which leaves no timer', async () => {
    const events = await subscribe(() => new Promise(() => {}))
    events.emit('TOKEN_REFRESHED', session, details)
    await delivered()
    events.close()
    expect(of2(events)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('through a client', () => {
  test('a TOKEN_REFRESHED handler that awaits a refresh gets the revision it was told of, and nothing loops', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    const inside: (number | undefined)[] = []
    const { promise: handled, resolve: done } = createDeferred()
    auth.onAuthStateChange(async (event) => {
      if (event !== 'TOKEN_REFRESHED') return
      inside.push((await auth.refreshSession()).data.session?.revision)
      inside.push((await auth.refreshSession()).data.session?.revision)
      done()
    })
    await auth.getSession()

    await auth.refreshSession()
    await handled

    expect(inside).toEqual([2, 2])
    expect(server.count('refresh_token')).toBe(1)
  })

  test('each subscriber hears INITIAL_SESSION once and first, then what happens, with whose session it was and why', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    const heard: unknown[] = []
    auth.onAuthStateChange((event, now, { reason, source, sessionId }) => {
      heard.push([event, now?.revision ?? null, reason, source, sessionId])
    })
    const { sessionId } = await signIn(auth)
    await auth.refreshSession()
    await auth.signOut()
    await expect
      .poll(() => heard)
      .toEqual([
        ['INITIAL_SESSION', null, null, 'own', null],
        ['SIGNED_IN', 1, null, 'own', sessionId],
        ['TOKEN_REFRESHED', 2, null, 'own', sessionId],
        ['SIGNED_OUT', null, 'user', 'own', sessionId],
      ])
  })

  test('a late subscriber hears the session as it is, and nothing of before', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    await auth.refreshSession()
    const handler = vi.fn<AuthEventHandler>()
    auth.onAuthStateChange(handler)
    await delivered()
    expect(handler.mock.calls.map(([event, now]) => [event, now?.revision])).toEqual([['INITIAL_SESSION', 2]])
  })

  test('a late subscriber is told that the access token has died since', async () => {
    const { createClient, signIn } = setUp()
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    await letTokensDie(storage)
    const handler = vi.fn<AuthEventHandler>()
    createClient({ storage }).onAuthStateChange(handler)
    await expect.poll(() => handler.mock.calls).toMatchObject([['INITIAL_SESSION', { revision: 1, stale: true }, {}]])
  })

  test('an unsubscribed handler hears nothing more, by either shape of unsubscribe', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    const handler = vi.fn<AuthEventHandler>()
    auth.onAuthStateChange(handler)()
    auth.onAuthStateChange(handler).data.subscription.unsubscribe()
    await signIn(auth)
    await delivered()
    expect(handler).not.toHaveBeenCalled()
  })
})
