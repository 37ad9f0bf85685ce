import * as oauth4 from 'oauth4webapi'
import { settingOf } from './answers.ts'
import { AuthApiError, AuthError } from '../base/errors.ts'

/**
 * What a callback brings to the token endpoint.
 * @throws {AuthError} for one that is an answer to nothing, or an error.
 */
export function checkCallback(as: oauth4.AuthorizationServer, client: oauth4.Client, url: URL): URLSearchParams {
  try {
    const state = url.searchParams.get('state') ?? oauth4.expectNoState
    const parameters = oauth4.validateAuthResponse(as, client, url, state)
    if (parameters.getAll('code').length === 1) return parameters
    throw new TypeError('A callback carries one code.')
  } catch (error) {
    if (error instanceof oauth4.AuthorizationResponseError) {
      throw settingOf(error.error, 400)?.error ?? refusalOf(error.error)
    }
    throw new AuthError(
      'callback_invalid',
      'The callback did not come from the expected provider, or is damaged. Start the sign-in again.',
    )
  }
}

/** What the provider answers a sign-in with (RFC 6749 4.1.2.1). What an app cannot mend is no fault of its set-up. */
function refusalOf(code: string): AuthApiError {
  switch (code) {
    case 'access_denied':
      return new AuthApiError('access_denied', 'The sign-in was cancelled or denied at the provider.', 400)
    case 'server_error':
    case 'temporarily_unavailable':
      return new AuthApiError('server_error', 'The provider could not sign anybody in this time. Sign in again.', 503)
    default:
      return new AuthApiError(
        'sign_in_failed',
        'The provider answered the sign-in with an error. Check the client, its redirect URI and its scopes.',
        400,
      )
  }
}
