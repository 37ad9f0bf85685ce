/**
 * `@authflight/client/presentation`: presenting a one-time credential once, bounded and recorded, and what an answer to it means, for
 * the project's own packages. It may change in any version.
 */
export { afterLoss, judge, mayPresentAgain, restBefore, type Verdict } from './answers.ts'
export { type Leave, leftBefore, rest, settleWithin, type Settled } from './clock.ts'
export { freezeAll } from './freeze-all.ts'
export { wholeTokens } from './minted.ts'
export { present, type Presented } from './present.ts'
export { revoke } from './revocation.ts'
