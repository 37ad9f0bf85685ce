import { createAccounts } from './accounts.ts'
import type { AuthClient, Unsubscribe } from './auth-client.ts'
import { createAutoRefresh } from './auto-refresh.ts'
import { presentingIn } from './claim.ts'
import { settleWithin } from './clock.ts'
import { AuthClientDisposedError, AuthError, type AuthResult, type SessionResult } from './errors.ts'
import { type AuthEventHandler, createEvents } from './events.ts'
import { createAuthFetch } from './fetch.ts'
import { type AuthClientOptions, checkOptions } from './options.ts'
import type { Change } from './parts.ts'
import { checkReturnTo, finishSignIn } from './redirect.ts'
import type { Realm } from './realm.ts'
import { createRefresher } from './refresh.ts'
import { isAlive, isFresh } from './schedule.ts'
import type { Session } from './session.ts'
import { type CallOptions, createSessions, leftBecause } from './sessions.ts'
import { asStale, createShown } from './shown.ts'
import { createSignIns } from './sign-in.ts'
import { startUp } from './start-up.ts'
import { boundedStore } from './storage/bounded.ts'
import { defaultStore } from './storage/default-store.ts'
import { asStorageError } from './storage/fault.ts'
import { watchStore } from './store-watch.ts'
import { systemRealm } from './system-realm.ts'
import { openTabs } from './tabs.ts'
import { createTelemetry } from './telemetry/operation.ts'
import { recordPage } from './telemetry/page-points.ts'
import { randomHex } from './telemetry/random.ts'
import { realmRing } from './telemetry/ring.ts'

/**
 * Makes a session client.
 * @throws {AuthError} `invalid_option`, naming the option and what it takes.
 */
export function createAuthClient<SignInRequest>(options: AuthClientOptions<SignInRequest>): AuthClient<SignInRequest> {
  return createAuthClientIn(systemRealm, options)
}

/** The same in a realm of one's own, as tests and simulations have. */
export function createAuthClientIn<SignInRequest>(
  realm: Realm,
  options: AuthClientOptions<SignInRequest>,
): AuthClient<SignInRequest> {
  const { provider, storage, name, patience, requestLimit, records, ...checked } = checkOptions(options)
  const { clock, page } = realm
  let disposed = false
  /** The session this client is signing out: a flight that notices first must not blame another tab. */
  let leaving: string | null = null

  const telemetry = createTelemetry(realm, randomHex(realm.random, 8), records > 0 ? realmRing(realm, records) : null)
  const events = createEvents(realm, patience)
  const autoRefresh = createAutoRefresh(realm, telemetry, checked.autoRefresh, () => {
    // Whatever came of it, the timer goes on: a failure before may have been told already, and then nobody arms it again.
    void sessions.obtain('timer').then(autoRefresh.review)
  })
  const shown = createShown(realm, events, telemetry, autoRefresh.follow)
  const { has: presents, onIdle } = presentingIn(realm)
  const tabs = openTabs(realm, name, { heard: () => watch.look(), presents, onIdle })
  const place = storage ?? defaultStore()
  const store = boundedStore(place, clock, requestLimit)
  const parts = { store, place, name, provider, realm, clock, tabs, telemetry, requestLimit, changed }
  const accounts = createAccounts(parts)
  const signIns = createSignIns(parts)
  const refresher = createRefresher(parts)
  const here = checked.redirect === 'auto' && page.href !== null ? new URL(page.href) : null
  const isReturning = here !== null && provider.readCallback(here) !== null
  const { loaded, why, stop: stopLoading } = startUp(realm, accounts, shown, () => disposed, isReturning)
  const redirected = loaded.then(async () => {
    const result = here && !disposed ? await finishSignIn(page, signIns, shown, here) : shown.result
    if (shown.getSnapshot().status === 'restoring') shown.begin(null)
    return result
  })
  const watch = watchStore(clock, accounts, shown, loaded, changed, store.notifies)
  const sessions = createSessions({
    clock,
    telemetry,
    events,
    shown,
    refresher,
    accounts,
    changed,
    ready: redirected,
    whyUnready: why,
    isDisposed: () => disposed,
    watch,
    patience,
  })
  const stopWatchingPage = page.watch((signal) => {
    recordPage(telemetry, signal)
    // A page with an open channel is not kept in the back-forward cache.
    if (signal === 'pagehide' || signal === 'frozen') return tabs.suspend()
    // A page that is left is told `hidden` after `pagehide`: that must not open the channel again.
    if (signal !== 'hidden' && signal !== 'offline') tabs.resume()
    if (signal === 'online') refresher.wake()
    if (signal === 'restored' || signal === 'resumed') watch.distrust()
    if (signal !== 'hidden' && signal !== 'offline') watch.look()
    autoRefresh.review()
  })

  function changed(change: Change): void {
    if (disposed) return
    const own = change.kind === 'ended' && change.slot.sessionId === leaving
    shown.follow(own ? { ...change, reason: 'user', source: 'own' } : change)
  }

  const isDisposed = (): AuthError | null => (disposed ? new AuthClientDisposedError() : null)
  const refuse = (error: AuthError): Promise<SessionResult> => Promise.resolve({ data: { session: null }, error })

  function getSession(call?: CallOptions): Promise<SessionResult> {
    const { held } = shown
    if (held !== null && watch.isCurrent && isFresh(held.slot.tokens, clock.now()) && !call?.signal?.aborted) {
      return shown.answer
    }
    const error = isDisposed()
    return error ? refuse(error) : sessions.obtain('expiry', call)
  }

  function refreshSession(call?: CallOptions): Promise<SessionResult> {
    const error = isDisposed()
    return error ? refuse(error) : sessions.obtain('forced', call)
  }

  /** A session to make a request with; null where nobody is signed in, or nobody is any more. Throws where that is not known. */
  async function requireSession(call?: CallOptions): Promise<Session | null> {
    const { data, error } = await getSession(call)
    const over = error?.code === 'session_ended' || error?.code === 'refresh_discarded'
    if (error && (data.session || !over)) throw error
    return data.session
  }

  async function getAccessToken(call?: CallOptions): Promise<string | null> {
    const session = await requireSession(call)
    return session?.accessToken ?? null
  }

  async function signIn(request?: SignInRequest): Promise<AuthResult<{ readonly url: string | null }>> {
    const error = isDisposed()
    if (error) return { data: { url: null }, error }
    try {
      const returnTo = checkReturnTo(page, (request as { returnTo?: string } | undefined)?.returnTo)
      const begun = await settleWithin(signIns.begin(request ?? {}, returnTo), clock, patience)
      if (begun.by !== 'value') return { data: { url: null }, error: leftBecause(begun.by) }
      if (disposed) return { data: { url: null }, error: new AuthClientDisposedError() }
      const url = begun.value
      page.leave(url)
      return { data: { url }, error: null }
    } catch (fault) {
      return { data: { url: null }, error: asStorageError(fault) }
    }
  }

  async function handleRedirect(url?: string | URL): Promise<SessionResult> {
    const error = isDisposed()
    if (error) return refuse(error)
    if (url !== undefined && !URL.canParse(url, page.href ?? undefined)) {
      return refuse(
        new AuthError(
          'callback_invalid',
          '`handleRedirect` takes the whole address that the provider sent the user back to.',
        ),
      )
    }
    const finish = async (): Promise<SessionResult> => {
      await loaded
      return finishSignIn(page, signIns, shown, new URL(url ?? page.href ?? '', page.href ?? undefined))
    }
    const isDone = url === undefined && (checked.redirect === 'auto' || page.href === null)
    const finished = await settleWithin(isDone ? redirected : finish(), clock, patience)
    return finished.by === 'value' ? finished.value : { data: { session: shown.session }, error: why(finished.by) }
  }

  async function signOut(call?: CallOptions): Promise<AuthResult<Record<string, never>>> {
    const error = isDisposed()
    if (error) return { data: {}, error }
    const started = await settleWithin(loaded, clock, patience, call?.signal)
    if (started.by !== 'value') return { data: {}, error: why(started.by) }
    let fault: AuthError | null = null
    // A sign-in that was under way when this was called may commit while it waits: it is left as well.
    for (let rounds = 0; rounds < 3 && (rounds === 0 || shown.held); rounds += 1) {
      const { held } = shown
      leaving = held?.slot.sessionId ?? null
      fault = await settleWithin(accounts.signOut(held), clock, patience, call?.signal).then(
        (settled) => (settled.by === 'value' ? null : leftBecause(settled.by)),
        asStorageError,
      )
      leaving = null
      // Whatever the store says, nothing of this session is served any more.
      if (held) changed({ kind: 'ended', key: held.key, slot: held.slot, reason: 'user', source: 'own' })
    }
    return { data: {}, error: fault }
  }

  function onAuthStateChange(handler: AuthEventHandler): Unsubscribe {
    const first = redirected.then(() => (): Parameters<AuthEventHandler> => {
      const { held } = shown
      const dead = held !== null && !isAlive(held.slot.tokens, clock.now())
      const session = shown.session && dead ? asStale(shown.session) : shown.session
      const { account = null, sessionId = null } = session ?? {}
      return ['INITIAL_SESSION', session, { reason: null, source: 'own', account, sessionId }]
    })
    const unsubscribe = disposed ? () => {} : events.subscribe(handler, first)
    return Object.assign(() => unsubscribe(), { data: { subscription: { unsubscribe } } })
  }

  function dispose(): void {
    if (disposed) return
    disposed = true
    stopLoading()
    stopWatchingPage()
    watch.stop()
    autoRefresh.stop()
    tabs.close()
    events.close()
    shown.close()
  }

  return {
    getSession,
    refreshSession,
    getAccessToken,
    signIn,
    handleRedirect,
    signOut,
    fetch: createAuthFetch({
      realm,
      origins: checked.fetchOrigins,
      current: (signal) => requireSession({ signal }),
      renewed: async (refused, signal) => {
        const { data } = await sessions.obtain('unauthorized', { signal }, refused)
        const { session } = data
        return session && session.sessionId === refused.sessionId && session.revision > refused.revision
          ? session
          : null
      },
    }),
    onAuthStateChange,
    getSnapshot: shown.getSnapshot,
    subscribe: shown.subscribe,
    startAutoRefresh: () => autoRefresh.setMode(checked.autoRefresh === 'off' ? 'visible' : checked.autoRefresh),
    stopAutoRefresh: () => autoRefresh.setMode('off'),
    dispose,
  }
}
