import type { Clock } from '../../src/realm/clock.ts'
import type { Minted } from '../../src/slot/minted.ts'
import type { Page, PageSignal } from '../../src/realm/page.ts'
import type { TokenSet } from '../../src/providers/provider.ts'
import type { Realm } from '../../src/realm/realm.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'

/** A realm of its own, which shares no flight with others, with what a test puts in the place of the system's. */
export const createRealm = (own: Partial<Realm> = {}): Realm =>
  Object.defineProperties({} as Realm, {
    ...Object.getOwnPropertyDescriptors(systemRealm),
    ...Object.getOwnPropertyDescriptors(own),
  })

/** A page in view and online that tells its clients what the test says. */
export function createPage() {
  const signals = new Set<(signal: PageSignal) => void>()
  const watch: Page['watch'] = (heard) => {
    signals.add(heard)
    return () => void signals.delete(heard)
  }
  return {
    page: { ...systemRealm.page, isHidden: false, isOffline: false, watch },
    tell: (signal: PageSignal) => signals.forEach((heard) => heard(signal)),
  }
}

/** A realm that hears no notice and sends none: what it does, others find by looking. */
export const createSilentRealm = (): Realm =>
  createRealm({
    openChannel: () => {
      throw new Error('There are no broadcasts.')
    },
  })

/** The same, whose clock reads so many epoch milliseconds. */
export const realmAt = (now: number, clock: Clock = systemRealm.clock): Realm =>
  createRealm({ clock: { ...clock, now: () => now } })

/** Tokens of which nothing is known again. */
export const unknownTokens = (tokens: TokenSet): Minted => ({ ...tokens, digest: null, identity: null })
