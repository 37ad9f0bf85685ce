import { readFileSync } from 'node:fs'

/** Where a file of the client's sources is. */
export const addressOf = (file: string): URL => new URL(`../../client/src/${file}`, import.meta.url)

export const readSource = (file: string): string => readFileSync(addressOf(file), 'utf8')

/** What keeps the promises, and what proves who holds a key and reads what servers say: here every mutant is made that can be. */
export const files: readonly string[] = [
  'commit-guard.ts',
  'refresh.ts',
  'landing.ts',
  'decision.ts',
  'claim.ts',
  'claim-watch.ts',
  'tombstone.ts',
  'slot.ts',
  'single-flight.ts',
  'events.ts',
  'providers/dpop.ts',
  'providers/dpop-proof.ts',
  'providers/gotrue-refusals.ts',
  'providers/token-answer.ts',
]
