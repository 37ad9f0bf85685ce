import { AuthApiError, AuthError } from '../base/errors.ts'
import { codeOf, isTold, refusalOf } from './gotrue-refusals.ts'
import { createPkce } from './pkce.ts'
import type { Callback, Return } from './provider.ts'

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

/** What the server hands back for a code. */
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * A callback that began here, by its state; and what comes back without one, where it is certainly the server's: it marks what it puts into
 * a hash with `sb`; before it did that, an error had its code there, a session what its link was for.
 */
export function readComeback({ searchParams, hash }: URL): Callback | null {
  const state = searchParams.get('state')
  const isAnswer = ['code', 'error', 'error_code'].some((name) => searchParams.has(name))
  if (isAnswer && state?.startsWith(mark)) return { state, certain: true }
  const told = new URLSearchParams(hash.slice(1))
  const astray = { state: mark, certain: true }
  if (told.has('access_token')) {
    const isOurs = told.has('sb') || (told.has('refresh_token') && told.has('type'))
    return isOurs ? { ...astray, error: withoutPkce() } : null
  }
  if (told.has('error_description') && (told.has('sb') || told.has('error_code')))
    return { ...astray, error: whyBack(told) }
  const isCode = state === null && searchParams.getAll('code').length === 1 && uuid.test(searchParams.get('code') ?? '')
  return isCode ? { state: mark, certain: false, error: toTheSite() } : null
}

const withoutPkce = (): AuthError =>
  new AuthError(
    'callback_invalid',
    'This link has a session in its address and no code, as those of invitations and of the dashboard have, and signs nobody in here. ' +
      'Put `{{ .TokenHash }}` into its template, and give that to verifyOtp() as `tokenHash`.',
  )

const toTheSite = (): AuthError =>
  new AuthError(
    'callback_unknown',
    'This looks like a sign-in whose `redirectTo` the server does not allow, so that it came back to the Site URL. Add it to the Redirect URLs of the project, with `**` at the end.',
  )

/** What an address tells that the server has sent the user back to with an error. */
export function whyBack(callback: URLSearchParams): AuthError {
  const named = callback.get('error_code') ?? ''
  // Before there were codes a status had their place, and what happened was in the text. Without either the text is another provider's.
  const code = /^\d+$/.test(named) ? codeOf({ msg: callback.get('error_description') }) : named
  if (code !== null && isTold(code)) return refusalOf(code, 403)
  if (callback.get('error') === 'access_denied') {
    return new AuthApiError('access_denied', 'The sign-in was cancelled or denied.', 400)
  }
  return callback.has('error') || callback.has('error_code')
    ? new AuthApiError(
        'sign_in_failed',
        'The server sent the user back with an error. Check how the provider is set up there.',
        400,
      )
    : new AuthError('callback_invalid', 'The callback is damaged. Start the sign-in again.')
}

/** A path with a query; without a question mark where there is none. */
export const withQuery = (path: string, query: Readonly<Record<string, string>>): string =>
  Object.keys(query).length === 0 ? path : `${path}?${new URLSearchParams(query).toString()}`
