import type { Arrival } from './attempts.ts'
import { settleWithin } from './clock.ts'
import type { Core } from './core.ts'
import {
  AuthClientDisposedError,
  AuthError,
  type AuthResult,
  AuthSessionMissingError,
  type SessionResult,
} from './errors.ts'
import { leftBecause } from './failures.ts'
import { nobody } from './mirror.ts'
import type { Answer, PlainIo, SignInOptions } from './providers/provider.ts'
import { checkReturnTo, finishSignIn } from './redirect.ts'
import type { Session } from './session.ts'
import type { CallOptions } from './sessions.ts'
import { createSetSessions, type SessionTokens } from './set-session.ts'
import { createSignIns } from './sign-in.ts'
import { type Held, slotKey } from './slot.ts'
import { asStorageError } from './storage/fault.ts'

type SignInResult = AuthResult<{ readonly url: string | null; readonly session: Session | null }>

/** How sessions come in: by a sign-in, from a callback, from outside, or by a change of who is shown. */
export interface Door {
  signIn(request?: object & SignInOptions & { readonly returnTo?: string }, call?: CallOptions): Promise<SignInResult>
  /** Signs in with what `ask` brings: what a provider's own methods are made of. */
  arrive(ask: (io: PlainIo) => Promise<Answer>, options?: SignInOptions): Promise<SessionResult>
  handleRedirect(url?: string | URL): Promise<SessionResult>
  setSession(tokens: SessionTokens, options?: CallOptions & SignInOptions): Promise<SessionResult>
  switchTo(account: string, call?: CallOptions): Promise<SessionResult>
  /** Resolves when start-up is over: who was shown last is known, and a sign-in that came back with this page is finished. */
  readonly known: Promise<SessionResult>
}

/** `here`: the address whose callback is finished by itself; null: there is none. */
export function createDoor(core: Core, patience: number, here: URL | null): Door {
  const { parts, shown, starting, arrived, isDisposed } = core
  const { clock, realm } = parts
  const { page } = realm
  const signIns = createSignIns(parts, core.attempts)
  const setSessions = createSetSessions(parts, core.attempts, core.refresher)

  const known = starting.done.then(async () => {
    const result = here && !isDisposed() ? await finish(here) : current()
    if (!isDisposed() && shown.snapshot.status === 'restoring') shown.point(() => null, null)
    return result
  })

  const current = (): SessionResult => shown.mirror?.result ?? nobody
  const held = (): Held | null => shown.mirror?.held ?? null
  const withError = (error: AuthError): SessionResult => ({ data: { session: shown.mirror?.session ?? null }, error })
  const finish = (url: URL): Promise<SessionResult> =>
    finishSignIn(page, signIns, url, { shown: () => shown.mirror, arrived })

  /** Waits for a session to come in, no longer than a caller does; it comes in all the same. */
  async function letIn(coming: Promise<Arrival>, call?: CallOptions): Promise<SessionResult> {
    const done = coming.then(arrived)
    try {
      const settled = await settleWithin(done, clock, patience, call?.signal)
      if (isDisposed()) return { data: { session: null }, error: new AuthClientDisposedError() }
      return settled.by === 'value' ? current() : withError(leftBecause(settled.by))
    } catch (fault) {
      return withError(asStorageError(fault))
    }
  }

  async function signIn(request: Parameters<Door['signIn']>[0] = {}, call?: CallOptions): Promise<SignInResult> {
    if (isDisposed()) return { data: { url: null, session: null }, error: new AuthClientDisposedError() }
    const { add = false, returnTo, ...rest } = request
    const failed = (error: AuthError): SignInResult => ({
      data: { url: null, session: shown.mirror?.session ?? null },
      error,
    })
    try {
      const wish = { returnTo: checkReturnTo(page, returnTo), add }
      const begun = await settleWithin(signIns.begin(rest, wish, held), clock, patience, call?.signal)
      if (isDisposed()) return failed(new AuthClientDisposedError())
      if (begun.by !== 'value') return failed(leftBecause(begun.by))
      if (typeof begun.value === 'string') {
        page.leave(begun.value)
        return { data: { url: begun.value, session: shown.mirror?.session ?? null }, error: null }
      }
      arrived(begun.value)
      return { data: { url: null, session: shown.mirror?.session ?? null }, error: null }
    } catch (fault) {
      return failed(asStorageError(fault))
    }
  }

  async function handleRedirect(url?: string | URL): Promise<SessionResult> {
    if (isDisposed()) return { data: { session: null }, error: new AuthClientDisposedError() }
    if (url !== undefined && !URL.canParse(url, page.href ?? undefined)) {
      return withError(
        new AuthError(
          'callback_invalid',
          '`handleRedirect` takes the whole address that the provider sent the user back to.',
        ),
      )
    }
    const finishLater = async (): Promise<SessionResult> => {
      await starting.done
      return finish(new URL(url ?? page.href ?? '', page.href ?? undefined))
    }
    const isDone = url === undefined && (here !== null || page.href === null)
    const finished = await settleWithin(isDone ? known : finishLater(), clock, patience)
    return finished.by === 'value' ? finished.value : withError(starting.why(finished.by))
  }

  async function setSession(tokens: SessionTokens, options?: CallOptions & SignInOptions): Promise<SessionResult> {
    if (isDisposed()) return { data: { session: null }, error: new AuthClientDisposedError() }
    return letIn(setSessions.set(tokens, options?.add ?? false, held), options)
  }

  async function switchTo(account: string, call?: CallOptions): Promise<SessionResult> {
    if (isDisposed()) return { data: { session: null }, error: new AuthClientDisposedError() }
    const key = slotKey(parts.name, account)
    try {
      const found = await settleWithin(
        known.then(() => core.accounts.show(key)),
        clock,
        patience,
        call?.signal,
      )
      if (found.by !== 'value') return withError(leftBecause(found.by))
      if (!found.value) {
        return withError(
          new AuthSessionMissingError('No account of this id is signed in. accounts() gives those that are.'),
        )
      }
      core.switched(found.value)
      return current()
    } catch (fault) {
      return withError(asStorageError(fault))
    }
  }

  return {
    signIn,
    arrive: (ask, options) => letIn(signIns.arrive(ask, options?.add ?? false, held)),
    handleRedirect,
    setSession,
    switchTo,
    known,
  }
}
