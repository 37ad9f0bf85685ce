import type { Account, AuthAccount, AuthClient, Given } from './auth-client.ts'
import { settleWithin } from './realm/clock.ts'
import { createCore } from './core.ts'
import { createDoor } from './door.ts'
import { AuthClientDisposedError, type AuthError } from './base/errors.ts'
import { leftBecause } from './refresh/failures.ts'
import { type AuthClientOptions, checkOptions } from './options.ts'
import { createAccountPlace, createShownPlace } from './places.ts'
import type { ProviderContext } from './providers/provider.ts'
import type { Realm } from './realm/realm.ts'
import type { CallOptions } from './base/call-options.ts'
import { slotKey } from './slot/slot.ts'
import { asStorageError } from './storage/fault.ts'
import { createSurface, type Place } from './surface.ts'
import { systemRealm } from './realm/system-realm.ts'
import { throwOnError } from './throw-on-error.ts'
import { createUsers } from './accounts/user.ts'

/**
 * Makes a session client. What only its provider can do is part of it.
 * @throws {AuthError} `invalid_option`, naming the option and what it takes.
 */
export function createAuthClient<SignInRequest, Methods extends object = object, Throws extends boolean = false>(
  options: AuthClientOptions<SignInRequest, Methods, Throws>,
): AuthClient<SignInRequest, Throws> & Given<Methods, Throws> {
  return createAuthClientIn(systemRealm, options)
}

/** The same in a realm of one's own, as tests and simulations have. */
export function createAuthClientIn<SignInRequest, Methods extends object = object, Throws extends boolean = false>(
  realm: Realm,
  options: AuthClientOptions<SignInRequest, Methods, Throws>,
): AuthClient<SignInRequest, Throws> & Given<Methods, Throws> {
  const checked = checkOptions(options)
  const { provider } = checked
  const address = realm.page.href
  const here = checked.redirect === 'auto' && address !== null ? new URL(address) : null
  const core = createCore(realm, checked, here !== null && provider.readCallback(here) !== null)
  const { parts, events, accounts, shown } = core
  const { patience, isDisposed } = parts
  const door = createDoor(core, here)
  const users = createUsers(parts)

  const surfaceOf = (place: Place): AuthAccount =>
    createSurface(place, {
      parts,
      events,
      users,
      origins: checked.fetchOrigins,
      mode: checked.autoRefresh,
      // Asked on behalf of whoever made the request: where nobody is any more, no seat stays.
      sessionsOf: (account) => ({
        obtain: (...ask) =>
          core
            .seatOf(account)
            .sessions.obtain(...ask)
            .finally(() => core.seats.tidy(slotKey(parts.name, account))),
      }),
    })
  const inTurn = <T extends AuthAccount>(surface: T): T => core.turns?.around(surface) ?? surface
  const place = createShownPlace(core, checked.autoRefresh, door.known)

  async function listAccounts(call?: CallOptions) {
    const tell = (error: AuthError | null, known: readonly Account[] = []) => ({ data: { accounts: known }, error })
    if (isDisposed()) return tell(new AuthClientDisposedError())
    try {
      const listed = await settleWithin(accounts.list(), parts.callerClock, patience, call?.signal)
      if (isDisposed()) return tell(new AuthClientDisposedError())
      if (listed.by !== 'value') return tell(leftBecause(listed.by))
      const known = listed.value.map(({ key, slot }): Account => ({
        id: slot.display.account,
        user: slot.user,
        isShown: key === shown.mirror?.key,
      }))
      return tell(null, known)
    } catch (fault) {
      return tell(asStorageError(fault))
    }
  }

  const context: ProviderContext = {
    signIn: door.enter,
    changeUser: (...of) => users.change(place, ...of),
    request: (...of) => users.request(place, ...of),
  }

  const client = {
    ...provider.methods?.(context),
    ...surfaceOf(place),
    signIn: door.signIn,
    handleRedirect: door.handleRedirect,
    setSession: door.setSession,
    switchTo: door.switchTo,
    accounts: listAccounts,
    account: (id: string) => inTurn(surfaceOf(createAccountPlace(core, id))),
    dispose: core.dispose,
    // Runtimes without explicit resource management have no such symbols.
    ...(Symbol.dispose && { [Symbol.dispose]: core.dispose }),
    ...(Symbol.asyncDispose && { [Symbol.asyncDispose]: async () => core.dispose() }),
  }
  const locked = inTurn(client)
  return (checked.throwOnError ? throwOnError(locked) : locked) as AuthClient<SignInRequest, Throws> &
    Given<Methods, Throws>
}
