/**
 * `@authflight/client/presentation`: presenting a one-time credential once, bounded and recorded, and what an answer to it means, for
 * the project's own packages. It may change in any version.
 */
export { afterLoss, judge, mayPresentAgain, restBefore, threwBefore, type Verdict } from './providers/answers.ts'
export { type Leave, leftBefore, rest, settleWithin, type Settled } from './realm/clock.ts'
export { freezeAll } from './base/freeze-all.ts'
export { wholeTokens } from './slot/minted.ts'
export { present, type Presented } from './refresh/present.ts'
export { revoke } from './refresh/revocation.ts'
