import type { History } from '../history.ts'
import { noLoops } from './clocks.ts'
import {
  attemptsEnd,
  laterComesThrough,
  notServedAgain,
  signedOutForGood,
  staysBuried,
  waitingEnds,
} from './departures.ts'
import { nothingAfterDispose, nothingIsLeft } from './disposal.ts'
import { endsForAReason, staysSignedIn, toldForAReason } from './endings.ts'
import {
  comingsAndGoings,
  eventsTellTheTruth,
  goesOnce,
  handlersThatThrow,
  shownIsStored,
  initialFirst,
} from './events.ts'
import { alive, ownRequests, ownTokens, refreshed, whatWasAskedFor } from './handed-out.ts'
import type { Invariant } from './invariant.ts'
import { nothingUnowned, rotationIsKept } from './keeping.ts'
import { neverTwoAtATime, noReuse } from './presentations.ts'
import { endsOnce, waitsAreLinked } from './recording.ts'
import { noSecrets } from './secrecy.ts'
import { everythingSettles, noLongerThanPatience } from './settling.ts'

/** The promises, as what holds of every history. */
export const invariants: readonly Invariant[] = [
  neverTwoAtATime,
  whatWasAskedFor,
  ownTokens,
  ownRequests,
  staysBuried,
  attemptsEnd,
  laterComesThrough,
  notServedAgain,
  signedOutForGood,
  waitingEnds,
  endsForAReason,
  toldForAReason,
  staysSignedIn,
  everythingSettles,
  refreshed,
  alive,
  noLongerThanPatience,
  endsOnce,
  waitsAreLinked,
  initialFirst,
  comingsAndGoings,
  eventsTellTheTruth,
  goesOnce,
  shownIsStored,
  handlersThatThrow,
  nothingAfterDispose,
  nothingIsLeft,
  rotationIsKept,
  nothingUnowned,
  noReuse,
  noLoops,
  noSecrets,
]

/** A promise that did not hold. */
export interface Violation {
  readonly promise: number
  readonly invariant: string
  readonly what: string
}

/** Where a history breaks a promise. */
export function judge(history: History): Violation[] {
  return invariants.flatMap(({ promise, name, broken }) =>
    Array.from(broken(history), (what) => ({ promise, invariant: name, what })),
  )
}
