import { createPkce } from './pkce.ts'
import type { Return } from './provider.ts'

/** What a request says of where a link in a message, or another provider, leads back to. */
export interface Comeback {
  readonly back: Return | null
  /** For the request's query. */
  readonly query: Readonly<Record<string, string>>
  /** For the request's body, or its query where it has none. */
  readonly challenge: Readonly<Record<string, string>>
}

/** How the states made here begin: a callback with another one is somebody else's. */
const mark = 'gotrue-'

/**
 * The server hands no `state` through, so it travels in the address that it sends the user back to. Several sign-ins side by side are told apart
 * by it, and a link that is opened in another browser is known for what it is.
 */
export async function createComeback(redirectTo: string | undefined): Promise<Comeback> {
  if (redirectTo === undefined) return { back: null, query: {}, challenge: {} }
  const { verifier, challenge } = await createPkce()
  const state = mark + crypto.randomUUID()
  const address = new URL(redirectTo)
  address.searchParams.set('state', state)
  return {
    back: { state, keep: { verifier } },
    query: { redirect_to: address.href },
    challenge: { code_challenge: challenge, code_challenge_method: 's256' },
  }
}

/** The state of a callback that began here; null for any other address. */
export function stateOf({ searchParams }: URL): string | null {
  const state = searchParams.get('state')
  const isAnswer = ['code', 'error', 'error_code'].some((name) => searchParams.has(name))
  return isAnswer && state?.startsWith(mark) ? state : null
}

/** A path with a query; without a question mark where there is none. */
export const withQuery = (path: string, query: Readonly<Record<string, string>>): string =>
  Object.keys(query).length === 0 ? path : `${path}?${new URLSearchParams(query).toString()}`
