import fc from 'fast-check'
import type { Setting, StoreKind } from './setting.ts'
import { dialectOf, profileNames, profiles } from './profiles.ts'

/** Where a run begins. */
export interface Opening {
  readonly tabs: number
  /** Clients in each tab. */
  readonly clients: number
  /** `signed in`: all tabs have loaded the session. `cold`: it is stored, and no tab has loaded it. `nobody`: an empty store. */
  readonly begins: 'signed in' | 'cold' | 'nobody'
  /** Milliseconds that the session is old. */
  readonly age: number
  /** For everything that is random in the world. */
  readonly seed: number
}

/** A run before it happens: a world, and what is decided in it, one number for each decision. */
export interface Schedule {
  readonly setting: Setting
  readonly opening: Opening
  readonly steps: readonly number[]
}

export type Step =
  /** What waits for the scheduler happens, and goes well. */
  | { readonly kind: 'go'; readonly which: number; readonly choice: number }
  /** It happens and goes wrong, in the way that `choice` says. */
  | { readonly kind: 'fault'; readonly which: number; readonly choice: number }
  /** Time passes until a timer fires. */
  | { readonly kind: 'timer'; readonly which: number }
  | { readonly kind: 'operation'; readonly which: number; readonly choice: number }

/**
 * 6 bits say what kind of step it is, 10 bits which one, 8 bits are for what there is to choose in it. The kind stands highest
 * and the most ordinary is 0, so a schedule shrinks to one in which everything goes well and in its order.
 */
export function readStep(number: number): Step {
  const kind = number >>> 18
  const which = (number >>> 8) & 0x3ff
  const choice = number & 0xff
  if (kind < 36) return { kind: 'go', which, choice }
  if (kind < 41) return { kind: 'timer', which }
  return { kind: kind < 46 ? 'fault' : 'operation', which, choice }
}

/** The longest run, in decisions. */
const longest = 120

const setting = fc.record<Omit<Setting, 'mayPresentAgain'>>({
  profile: fc.constantFrom(...profileNames),
  store: fc.constantFrom<StoreKind>('database', 'database', 'database', 'database', 'remote', 'memory'),
  locks: fc.constantFrom(true, true, true, false),
  channels: fc.constantFrom(true, true, true, true, true, false),
  autoRefresh: fc.constantFrom('off', 'always', 'visible'),
  // Shorter than the defaults in the same proportion, so that waiting for somebody who is gone is not most of a run.
  patience: fc.constant(2_000),
  requestLimit: fc.constant(8_000),
  lifetime: fc.constantFrom(60, 60, 60, 600, null),
  legacyLock: fc.constantFrom(false, false, false, false, false, true),
})

const opening = fc.record<Opening>({
  tabs: fc.integer({ min: 1, max: 4 }),
  clients: fc.constantFrom(1, 1, 2),
  begins: fc.constantFrom('signed in', 'signed in', 'signed in', 'cold', 'nobody'),
  age: fc.constantFrom(0, 55_000, 61_000, 61_000),
  seed: fc.nat(),
})

/** All schedules. fast-check makes them from a seed, and makes smaller ones of one that fails. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .tuple(setting, opening, fc.array(fc.nat(0xff_ffff), { maxLength: longest, size: 'max' }))
  .map(([given, begun, steps]) => ({
    setting: {
      ...given,
      // GoTrue always tells.
      lifetime: dialectOf(given.profile) === 'gotrue' ? (given.lifetime ?? 3_600) : given.lifetime,
      mayPresentAgain: profiles[given.profile].reuse !== null,
    },
    opening: given.store === 'memory' ? { ...begun, tabs: 1 } : begun,
    steps,
  }))
