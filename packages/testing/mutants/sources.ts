import { readFileSync } from 'node:fs'

/** The package of a file and its path in the sources there: of the client, or of the server where it begins with `server/`. */
export const placeOf = (file: string): { readonly in: 'client' | 'server'; readonly path: string } =>
  file.startsWith('server/') ? { in: 'server', path: file.slice('server/'.length) } : { in: 'client', path: file }

export function addressOf(file: string): URL {
  const { in: name, path } = placeOf(file)
  return new URL(`../../${name}/src/${path}`, import.meta.url)
}

export const readSource = (file: string): string => readFileSync(addressOf(file), 'utf8')

/** What keeps the promises, speaks to a server, proves who holds a key, and shares refreshes in a server: here every mutant is made that can be. */
export const files: readonly string[] = [
  'slot/commit-guard.ts',
  'refresh/refresh.ts',
  'refresh/landing.ts',
  'refresh/decision.ts',
  'claim/claim.ts',
  'claim/claim-watch.ts',
  'slot/tombstone.ts',
  'slot/slot.ts',
  'slot/handed-over.ts',
  'refresh/single-flight.ts',
  'accounts/events.ts',
  'providers/dpop.ts',
  'providers/dpop-proof.ts',
  'providers/gotrue.ts',
  'providers/gotrue-refusals.ts',
  'providers/gotrue-server.ts',
  'providers/oauth.ts',
  'providers/token-answer.ts',
  'server/entries.ts',
  'server/flight.ts',
  'server/landing.ts',
  'server/memory-engine.ts',
  'server/presenting.ts',
  'server/right.ts',
  'server/sharing.ts',
]
