import { type Realm, systemRealm } from '@authflight/client/realm'
import { createTelemetry, randomHex, realmRing } from '@authflight/client/telemetry'
import { checkObject, checkSession, checkToken } from './call.ts'
import type { EndOptions, LocalCoordinator, SharedCoordinator } from './coordinator.ts'
import { Entries } from './entries.ts'
import { rememberFor } from './engine.ts'
import { engineAway } from './failures.ts'
import { createKeyring } from './keyring.ts'
import { memoryEngine } from './memory-engine.ts'
import { createNesting } from './nesting.ts'
import { checkOptions, duration, type LocalOptions, type SharedOptions } from './options.ts'
import { leaseOf, type Parts } from './parts.ts'
import { createSharing, type Flight } from './sharing.ts'
import { createSynchronize } from './synchronize.ts'

/**
 * Makes a coordinator of refreshes: one for each authorization server and client id of this process.
 * @throws {AuthError} `invalid_option`, naming the option and what it takes.
 */
export function createRefreshCoordinator(options: LocalOptions): LocalCoordinator
export function createRefreshCoordinator(options: SharedOptions): SharedCoordinator
export function createRefreshCoordinator(options: LocalOptions | SharedOptions): LocalCoordinator {
  return createRefreshCoordinatorIn(systemRealm, options)
}

/** The same in a realm of one's own, as tests have. */
export function createRefreshCoordinatorIn(
  realm: Realm,
  options: LocalOptions | SharedOptions,
  nesting = createNesting(),
): LocalCoordinator {
  const { engine, pepper, ...checked } = checkOptions(options)
  const chosen = engine ?? memoryEngine(realm)
  const salt = pepper ?? ('pepper' in chosen ? chosen.pepper : new Uint8Array())
  return createCoordinator({
    ...checked,
    realm,
    engine: chosen,
    telemetry: createTelemetry(realm, randomHex(realm.random, 8), realmRing(realm, records)),
    keyring: createKeyring({ ...checked, pepper: salt }),
    nesting,
  })
}

/** Of its refreshes the ring of this process keeps so many records at least. */
const records = 500

const aDay = 86_400_000

export function createCoordinator(parts: Parts): LocalCoordinator {
  const { realm, telemetry, engine, keyring } = parts
  const entries = new Entries<Flight>()
  const sharing = createSharing(parts, entries)

  async function end(session: string, options: EndOptions = {}): Promise<void> {
    checkSession(session, 'end')
    checkObject(options, 'end')
    const parent = telemetry.callerContext()
    // What is under way now may come back, and wait unread, as late as this.
    const least = leaseOf(parts) + rememberFor
    const lasting = Math.max(duration('ttl', options.ttl, aDay), least)
    const { name, display } = await keyring.sessionOf(session)
    await engine.end(name, lasting).catch(() => {
      throw engineAway(realm.clock.now())
    })
    sharing.end(session)
    telemetry
      .open('authflight.session_end', {
        parent,
        attributes: { 'authflight.session_end.reason': 'user', 'authflight.session.id': display },
      })
      .end()
  }

  return {
    refresh: sharing.refresh,
    synchronize: createSynchronize(parts, entries),
    end,
    async digest(token) {
      checkToken(token, 'digest')
      return realm.digest(token)
    },
    get entryCount() {
      return entries.size
    },
    get servedLate() {
      return sharing.servedLate
    },
    reset() {
      entries.reset()
      if (engine.scope === 'realm') engine.reset()
    },
  }
}
