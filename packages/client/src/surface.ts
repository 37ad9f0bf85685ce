import type { AuthAccount, SignOutOptions, Unsubscribe } from './auth-client.ts'
import type { AutoRefreshMode } from './accounts/auto-refresh.ts'
import type { Settled } from './realm/clock.ts'
import {
  AuthClientDisposedError,
  AuthError,
  type AuthRefreshDiscardedError,
  type AuthResult,
  type SessionResult,
} from './base/errors.ts'
import type { AuthEventHandler, Events } from './accounts/events.ts'
import { goneBefore, leftBecause } from './refresh/failures.ts'
import { exportSession } from './accounts/export-session.ts'
import { createAuthFetch } from './fetch.ts'
import { type Mirror, resultOf } from './accounts/mirror.ts'
import { strangerIn } from './base/option-names.ts'
import type { Parts } from './slot/parts.ts'
import type { PlainIo, SignOutScope } from './providers/provider.ts'
import { askWithin } from './refresh/present.ts'
import type { AuthSnapshot, Session } from './base/session.ts'
import type { CallOptions } from './base/call-options.ts'
import { disposedResult } from './accounts/replies.ts'
import type { Sessions } from './accounts/sessions.ts'
import { bindingOf } from './slot/slot.ts'
import { asStorageError } from './storage/fault.ts'
import { traceCall } from './telemetry/calls.ts'
import type { Operation } from './telemetry/operation.ts'
import type { Seated, Users } from './accounts/user.ts'

/** The account that a surface speaks for: the one shown, whoever that is, or a certain one. */
export interface Place extends Sessions, Seated {
  /** The answer to a `getSession` that needs nothing; null where it is not known to be fresh. */
  fresh(call?: CallOptions): Promise<SessionResult> | null
  /** Ends its session here, and as far as `scope` says at the server. `deadline`: until when its caller waits, on the monotonic clock. */
  end(
    scope: Exclude<SignOutScope, 'others'>,
    by: Operation,
    deadline: number,
    call?: CallOptions,
  ): Promise<AuthError | null>
  snapshot(): AuthSnapshot
  /** Who is here now; holds nothing where that session has ended, also while the snapshot waits for who takes its place. */
  mirror(): Mirror | null | undefined
  subscribe(listener: () => void): () => void
  /** Whether what happens to this account is news here. */
  wants(account: string | null): boolean
  /** Resolves when it is known whether anybody is here. */
  readonly known: Promise<unknown>
  setMode(mode: AutoRefreshMode): void
  /** Somebody has stopped looking. */
  tidy(): void
}

type SignOutResult = AuthResult<{ readonly url: string | null }>

export interface SurfaceParts {
  readonly parts: Parts
  readonly events: Events
  readonly origins: readonly string[] | null
  readonly mode: AutoRefreshMode
  /** The sessions of an account, whoever is shown. */
  readonly sessionsOf: (account: string) => Sessions
  readonly users: Users
}

/** What an app asks of one account. */
export function createSurface(place: Place, surface: SurfaceParts): AuthAccount {
  const { parts, events, users } = surface
  const { clock, provider, patience, isDisposed } = parts
  const { page } = parts.realm

  function ask(trigger: 'expiry' | 'forced', call?: CallOptions): Promise<SessionResult> {
    return isDisposed() ? Promise.resolve(disposedResult()) : place.obtain(trigger, call)
  }
  const getSession = (call?: CallOptions): Promise<SessionResult> =>
    (isDisposed() ? null : place.fresh(call)) ?? ask('expiry', call)

  /**
   * A session to make a request with; null where nobody is signed in, or nobody is any more. Throws where that is not known, and where
   * somebody else is in the place of who asked: a request of theirs must not pass for one of nobody.
   */
  async function requireSession(call?: CallOptions): Promise<Session | null> {
    const { data, error } = await getSession(call)
    const isNobody =
      error?.code === 'session_ended' ||
      (error?.code === 'refresh_discarded' && (error as AuthRefreshDiscardedError).reason !== 'replaced')
    if (error && (data.session || !isNobody)) throw error
    return data.session
  }

  async function signOut(options?: SignOutOptions): Promise<SignOutResult> {
    const { scope = 'local', redirect, ...call } = options ?? {}
    const result = (error: AuthError | null, url: string | null = null): SignOutResult => ({ data: { url }, error })
    if (isDisposed()) return result(new AuthClientDisposedError())
    const gone = goneBefore(call.signal)
    if (gone) return result(gone)
    const stranger = strangerIn(options ?? {}, ['scope', 'redirect', 'signal', 'otelContext'], 'signOut(): ')
    if (stranger) return result(stranger)
    if (!['local', 'global', 'others'].includes(scope)) {
      return result(new AuthError('invalid_option', "`scope` takes 'local', 'global' or 'others'."))
    }
    if (redirect !== undefined && !URL.canParse(redirect, page.href ?? undefined)) {
      return result(new AuthError('invalid_option', '`redirect` takes the address to come back to.'))
    }
    return traceCall(
      parts.telemetry,
      'authflight.sign_out',
      call,
      { 'authflight.sign_out.scope': scope },
      async (by) => {
        if (scope === 'others') return result(await endOthers(call))
        // Asked for at once: a caller waits for both within one patience.
        const to = redirect === undefined ? null : new URL(redirect, page.href ?? undefined).href
        const left = to && askWithin(parts.realm, patience, (io) => pageToLeaveFor(to, io)).catch(asStorageError)
        const error = await place.end(scope, by, clock.monotonic() + patience, call)
        // Whatever the store says, the user is signed out here, and goes where that is finished.
        return left ? leave(await left, error, result) : result(error)
      },
    )
  }

  /** Names the session to the provider, as it is before it ends. */
  async function pageToLeaveFor(returnTo: string, io: PlainIo): Promise<string | null> {
    if (!place.mirror()?.held) await place.known
    const idToken = place.mirror()?.held?.slot.tokens.id ?? null
    return provider.signOutUrl?.(returnTo, io, idToken) ?? null
  }

  function leave(
    left: Settled<string | null> | AuthError,
    before: AuthError | null,
    result: (error: AuthError | null, url?: string | null) => SignOutResult,
  ): SignOutResult {
    if (left instanceof AuthError) return result(before ?? left)
    if (left.by !== 'value') return result(before ?? leftBecause(left.by))
    if (left.value === null) {
      return result(
        before ?? new AuthError('unsupported', 'This provider has no page to sign out at. You are signed out here.'),
      )
    }
    if (!isDisposed()) page.leave(left.value)
    return result(before, left.value)
  }

  /** With a living access token, and once more with a newer one. This session goes on, so nothing but its own flights may renew it. */
  async function endOthers(call: CallOptions): Promise<AuthError | null> {
    const ended = await users.request(
      place,
      async (accessToken, io) => {
        if (await provider.revoke({ accessToken, refreshToken: null }, io, 'others')) return { kind: 'done' }
        throw new AuthError('unsupported', 'This provider cannot end the other sessions of a user.')
      },
      call,
    )
    return ended.error
  }

  function onAuthStateChange(handler: AuthEventHandler): Unsubscribe {
    if (typeof handler !== 'function') throw new AuthError('invalid_option', '`onAuthStateChange` takes a function.')
    const first = place.known.then(() => (): Parameters<AuthEventHandler> => {
      const { session } = resultOf(place.mirror(), null, clock.now()).data
      const { account = null, sessionId = null } = session ?? {}
      return ['INITIAL_SESSION', session, { reason: null, source: 'own', account, sessionId }]
    })
    const leave = isDisposed() ? () => {} : events.subscribe(handler, first, place.wants)
    const unsubscribe = (): void => {
      leave()
      place.tidy()
    }
    return Object.assign(() => unsubscribe(), { data: { subscription: { unsubscribe } } })
  }

  return {
    getSession,
    refreshSession(call) {
      const error = strangeCall(call, 'refreshSession')
      return error ? Promise.resolve({ data: { session: null }, error }) : ask('forced', call)
    },
    getAccessToken: async (call) => (await requireSession(call))?.accessToken ?? null,
    async getUser(call) {
      const error = strangeCall(call, 'getUser')
      if (error) return { data: { user: null }, error }
      return traceCall(parts.telemetry, 'authflight.get_user', call, {}, () => users.get(place, call))
    },
    exportSession: (call) => exportSession(parts, place, call),
    signOut,
    fetch: createAuthFetch({
      realm: parts.realm,
      origins: surface.origins,
      isDisposed,
      current: (signal) => requireSession(signal && { signal }),
      prove: (session) => provider.prove?.(bindingOf(session), parts.realm.fetch, clock.now),
      renewed: async (refused, signal) => {
        if (isDisposed()) return null
        const { data } = await surface.sessionsOf(refused.account).obtain('unauthorized', { signal }, refused)
        const { session } = data
        return session && session.sessionId === refused.sessionId && session.revision > refused.revision
          ? session
          : null
      },
    }),
    onAuthStateChange,
    getSnapshot: place.snapshot,
    subscribe: place.subscribe,
    startAutoRefresh: () => place.setMode(surface.mode === 'off' ? 'visible' : surface.mode),
    stopAutoRefresh: () => place.setMode('off'),
  }
}

/** What is no option of a call names somebody, as other clients have it: nobody is answered with whoever is here instead. */
function strangeCall(call: unknown, method: string): AuthError | null {
  const given = typeof call === 'object' ? (call ?? {}) : { ...(call !== undefined && { [typeof call]: call }) }
  return strangerIn(given, ['signal', 'otelContext'], `${method}(): `)
}
