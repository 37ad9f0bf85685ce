import type { Arrival } from './sign-in/arrivals.ts'
import { settleWithin } from './realm/clock.ts'
import type { Core } from './core.ts'
import {
  AuthError,
  AuthRefreshDiscardedError,
  AuthSessionMissingError,
  type SessionResult,
  type SignInResult,
} from './base/errors.ts'
import { goneBefore, leftBecause } from './refresh/failures.ts'
import { type Mirror, nobody, resultOf } from './accounts/mirror.ts'
import { isLeft } from './slot/owed.ts'
import type { ReturnOptions, SignInOptions } from './providers/provider.ts'
import { isEvent } from './base/option-names.ts'
import { checkReturnTo, finishSignIn } from './sign-in/redirect.ts'
import type { CallOptions } from './base/call-options.ts'
import { disposedResult } from './accounts/replies.ts'
import { createSetSessions, type SessionTokens } from './accounts/set-session.ts'
import { type AskToSignIn, createSignIns } from './sign-in/sign-in.ts'
import { type Held, slotKey } from './slot/slot.ts'
import { asStorageError } from './storage/fault.ts'
import { callerOf, traceCall } from './telemetry/calls.ts'

type SignInWishes = SignInOptions & ReturnOptions

/** How sessions come in: by a sign-in, from a callback, from outside, or by a change of who is shown. */
export interface Door {
  signIn(request?: object & SignInWishes, call?: CallOptions): Promise<SignInResult>
  /** Signs in with what `ask` brings: what a provider's own methods are made of. */
  enter(ask: AskToSignIn, wishes?: SignInWishes, call?: CallOptions): Promise<SignInResult>
  handleRedirect(url?: string | URL, call?: CallOptions): Promise<SessionResult>
  setSession(tokens: SessionTokens, options?: CallOptions & SignInOptions): Promise<SessionResult>
  switchTo(account: string, call?: CallOptions): Promise<SessionResult>
  /** Resolves when start-up is over: who was shown last is known, and a sign-in that came back with this page is finished. */
  readonly known: Promise<unknown>
}

/** `here`: the address whose callback is finished by itself; null: there is none. */
export function createDoor(core: Core, here: URL | null): Door {
  const { parts, shown, starting } = core
  const { callerClock: clock, realm, telemetry, patience, isDisposed } = parts
  const { page } = realm
  const signIns = createSignIns(parts, core.attempts, core.arrivals, core.pointer.arrived)
  const setSessions = createSetSessions(parts, core.attempts, core.arrivals, core.refresher)

  const known = starting.done.then(async () => {
    const result = here && !isDisposed() ? await finish(here) : now()
    const { mirror, snapshot } = shown
    if (!isDisposed() && snapshot.status === 'restoring') core.pointer.clear(null)
    return { result, sessionId: mirror?.session?.sessionId }
  })

  const held = (): Held | null => shown.mirror?.held ?? null

  function tell(mirror: Mirror | null | undefined, error: AuthError | null): SessionResult {
    return isDisposed() ? disposedResult() : resultOf(mirror, error, clock.now())
  }
  const now = (): SessionResult => tell(shown.mirror, null)

  /** Nobody has come in. Who is shown all the same is not who was asked for: told is what is held for that one, where it is known. */
  const failed = (error: AuthError, key?: string): SessionResult =>
    tell(key ? core.seats.get(key)?.mirror : null, error)

  /** How start-up went, as long as nobody has come or gone: who is here since then is told as that. */
  function since({ result, sessionId }: Awaited<typeof known>): SessionResult {
    const { snapshot, mirror } = shown
    const isOver = snapshot.status === 'signed-out' && snapshot.reason !== null
    return isOver || !result.error || sessionId !== mirror?.session?.sessionId ? now() : result
  }

  /** Why nothing is to be begun for this caller; null: it is. */
  function gone(call?: CallOptions, key?: string): SessionResult | null {
    const error = goneBefore(call?.signal)
    return isDisposed() ? disposedResult() : error && failed(error, key)
  }

  /** What has come in, where it is still there: never who has come in since. */
  function came({ key, slot }: Held): SessionResult {
    if (isDisposed()) return disposedResult()
    const mirror = core.seats.get(key)?.mirror
    if (mirror?.held?.slot.sessionId === slot.sessionId) return resultOf(mirror, null, clock.now())
    const error = new AuthRefreshDiscardedError(isLeft(parts.place, slot) ? 'signed_out' : 'replaced')
    return { data: { session: null }, error }
  }

  const finish = (url: URL, call?: CallOptions): Promise<SessionResult> =>
    finishSignIn(page, url, isDisposed, () => signIns.complete(url, held, call)).then(
      (signedIn) => (signedIn ? came(signedIn) : now()),
      failed,
    )

  /** Waits for a session to come in, no longer than a caller does; it comes in all the same. */
  async function letIn(coming: Promise<Arrival>, call?: CallOptions): Promise<SessionResult> {
    try {
      const settled = await settleWithin(coming.then(came), clock, patience, call?.signal)
      return settled.by === 'value' ? settled.value : failed(leftBecause(settled.by))
    } catch (fault) {
      return failed(asStorageError(fault))
    }
  }

  const enter: Door['enter'] = (ask, wishes = {}, call) =>
    traceCall(telemetry, 'authflight.sign_in', call, { 'authflight.sign_in.method': 'provider' }, () =>
      begin(ask, wishes, call),
    )

  const signIn: Door['signIn'] = (request, call) => {
    const wishes = (isEvent(request) ? null : request) ?? {}
    const { add: _, returnTo: __, ...wanted } = wishes
    return traceCall(telemetry, 'authflight.sign_in', call, { 'authflight.sign_in.method': 'start' }, () =>
      begin((io) => parts.provider.signIn(wanted as never, io), wishes, call),
    )
  }

  async function begin(
    ask: AskToSignIn,
    { add = false, returnTo }: SignInWishes,
    call?: CallOptions,
  ): Promise<SignInResult> {
    const told = ({ data, error }: SessionResult, url: string | null = null): SignInResult => ({
      data: { url, session: data.session },
      error,
    })
    const refused = gone(call)
    if (refused) return told(refused)
    try {
      const wish = { returnTo: checkReturnTo(page, returnTo), add }
      const begun = await settleWithin(signIns.begin(ask, wish, held), clock, patience, call?.signal)
      if (isDisposed()) return told(disposedResult())
      if (begun.by !== 'value') return told(failed(leftBecause(begun.by)))
      if (begun.value !== null && typeof begun.value !== 'string') return told(came(begun.value))
      if (begun.value !== null) page.leave(begun.value)
      return told(nobody, begun.value)
    } catch (fault) {
      return told(failed(asStorageError(fault)))
    }
  }

  async function handleRedirect(url?: string | URL, call?: CallOptions): Promise<SessionResult> {
    const refused = gone(call)
    if (refused) return refused
    if (url !== undefined && !URL.canParse(url, page.href ?? undefined)) {
      return failed(
        new AuthError(
          'callback_invalid',
          '`handleRedirect` takes the whole address that the provider sent the user back to.',
        ),
      )
    }
    // Captured before the first await: in browsers it is lost there.
    const otelContext = callerOf(telemetry, call)
    const finishLater = async (): Promise<SessionResult> => {
      await starting.done
      return finish(new URL(url ?? page.href ?? '', page.href ?? undefined), { otelContext })
    }
    const isDone = url === undefined && (here !== null || page.href === null)
    const finished = await settleWithin(isDone ? known.then(since) : finishLater(), clock, patience, call?.signal)
    if (isDisposed()) return disposedResult()
    return finished.by === 'value' ? finished.value : failed(starting.why(finished.by))
  }

  const setSession: Door['setSession'] = (tokens, options) =>
    traceCall(
      telemetry,
      'authflight.set_session',
      options,
      {},
      async () => gone(options) ?? letIn(setSessions.set(tokens, options?.add ?? false, held), options),
    )

  async function switchTo(account: string, call?: CallOptions): Promise<SessionResult> {
    const key = slotKey(parts.name, account)
    const refused = gone(call, key)
    if (refused) return refused
    try {
      const found = await settleWithin(
        // Where it was stored it is shown, whoever waits for that.
        known.then(() => core.accounts.show(key)).then((found) => found !== null && core.pointer.switched(found)),
        clock,
        patience,
        call?.signal,
      )
      if (found.by !== 'value') return failed(leftBecause(found.by), key)
      if (found.value || isDisposed()) return now()
      return failed(new AuthSessionMissingError('No such account is signed in. accounts() gives those that are.'))
    } catch (fault) {
      return failed(asStorageError(fault), key)
    }
  }

  return {
    signIn,
    enter,
    handleRedirect,
    setSession,
    switchTo,
    known,
  }
}
