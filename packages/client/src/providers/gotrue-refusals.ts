import { AuthApiError, type AuthErrorCode } from '../base/errors.ts'

/** Why a session ended, by the code of the answer to its refresh. */
export const terminal = {
  invalid_grant: 'rejected',
  refresh_token_not_found: 'rejected',
  refresh_token_already_used: 'reuse',
  session_not_found: 'revoked',
  session_expired: 'expired',
  user_banned: 'revoked',
  user_not_found: 'revoked',
  // Of a code that came back from a link or another provider: it is used up as a dead token is.
  flow_state_not_found: 'rejected',
  flow_state_expired: 'rejected',
  flow_state_already_used: 'rejected',
  bad_code_verifier: 'rejected',
} as const

/** What older servers write in the place of a code; the first that fits counts. */
const texts: readonly (readonly [RegExp, string])[] = [
  [/already used/i, 'refresh_token_already_used'],
  [/session not found|no valid session/i, 'session_not_found'],
  [/session expired/i, 'session_expired'],
  [/banned/i, 'user_banned'],
  [/token not found|invalid refresh token/i, 'refresh_token_not_found'],
  [/flow state/i, 'flow_state_not_found'],
  [/code challenge/i, 'bad_code_verifier'],
  [/invalid login credentials/i, 'invalid_credentials'],
  [/not confirmed/i, 'email_not_confirmed'],
  [/nonce/i, 'reauthentication_not_valid'],
  [/requires reauth/i, 'reauthentication_needed'],
  [/expired or is invalid|invalid or has expired/i, 'otp_expired'],
  [/already (been )?registered/i, 'user_already_exists'],
  [/should be different/i, 'same_password'],
  [/password should/i, 'weak_password'],
  [/not allowed for otp/i, 'otp_disabled'],
  [/signups not allowed/i, 'signup_disabled'],
  [/captcha/i, 'captcha_failed'],
  [/are disabled|not enabled/i, 'provider_disabled'],
]

/**
 * The code of an error body, of whichever age: `{ code, message }`, `{ code, error_code, msg }`, `{ error, error_description }`, `{ code, msg }`,
 * whose code is the status. Null where it is none of GoTrue's.
 */
export function codeOf(body: Record<string, unknown>): string | null {
  const { error_code: named, code, error, error_description: description, msg } = body
  if (typeof named === 'string') return named
  if (typeof code === 'string') return code
  const text = typeof description === 'string' ? description : msg
  if (typeof text !== 'string') return typeof error === 'string' ? error : null
  const known = texts.find(([pattern]) => pattern.test(text))?.[1]
  if (known) return known
  if (typeof error === 'string') return error
  return typeof code === 'number' ? `${code}` : null
}

const disabled = [
  'method_disabled',
  'This way to sign in is switched off at the server. Switch it on in the settings of the project.',
] as const
const taken = ['user_exists', 'Somebody has signed up with this address already.'] as const
const unconfirmed = [
  'not_confirmed',
  'This address is not confirmed yet. Follow the link of the message, or give its code to verifyOtp().',
] as const

const forgotten = [
  'sign_in_failed',
  'The server does not know this sign-in any more: it took too long, or the provider sent the user back in a way of its own. Sign in again.',
] as const

/** Refusals that a user can do something about, in our words: what a server writes is told to nobody. */
const refusals: Readonly<Record<string, readonly [AuthErrorCode, string]>> = {
  invalid_credentials: ['invalid_credentials', 'The address or the password is wrong.'],
  email_not_confirmed: unconfirmed,
  phone_not_confirmed: unconfirmed,
  provider_email_needs_verification: unconfirmed,
  otp_expired: ['otp_expired', 'The code or link is wrong, was used before or has expired. Ask for a new one.'],
  reauthentication_not_valid: [
    'otp_expired',
    'The code is wrong or has expired. Ask for a new one with reauthenticate().',
  ],
  reauthentication_needed: [
    'reauthentication_needed',
    'The server wants to know again who this is. Call reauthenticate(), and give its code as `nonce`.',
  ],
  current_password_required: [
    'reauthentication_needed',
    'The server asks for the password until now: give it as `currentPassword`.',
  ],
  current_password_invalid: ['invalid_credentials', 'The password until now is wrong.'],
  weak_password: ['weak_password', 'The password is too weak for the rules of this project.'],
  same_password: ['same_password', 'The new password is the old one. Take another.'],
  user_already_exists: taken,
  email_exists: taken,
  phone_exists: taken,
  user_banned: ['user_banned', 'This user is banned.'],
  signup_disabled: [
    'method_disabled',
    'Nobody can sign up at this server. Switch that on in the settings of the project.',
  ],
  otp_disabled: ['method_disabled', 'Nobody has signed up with this address, and a code signs nobody up here.'],
  email_provider_disabled: disabled,
  phone_provider_disabled: disabled,
  provider_disabled: disabled,
  anonymous_provider_disabled: disabled,
  captcha_failed: ['captcha_failed', 'The CAPTCHA was not accepted. Give a fresh `captchaToken`.'],
  bad_oauth_state: forgotten,
  bad_oauth_callback: forgotten,
  invalid_client: ['invalid_client', 'The server does not take the `apiKey`. Check it in the settings of the project.'],
  insufficient_aal: ['insufficient_aal', 'This needs a session with a second factor.'],
}

/** Whether the user is told what that code means. */
export const isTold = (code: string): boolean => Object.hasOwn(refusals, code)

/** What a weak password lacks, by the words that the server has for it. */
const weaknesses = [
  ['length', ' Take a longer one.'],
  ['characters', ' Take more kinds of characters: small and capital letters, digits, symbols.'],
  ['pwned', ' It is known from a leak. Take another one.'],
] as const

/** A refusal in our words. What is no matter of the user's is the developer's. `body`: that of the answer, which may tell more. */
export function refusalOf(code: string, status: number, body: Record<string, unknown> = {}): AuthApiError {
  const known = isTold(code) ? refusals[code] : undefined
  if (!known) {
    const message = `The server refused the request (${status}). Check what was given, and the settings of the project.`
    return new AuthApiError('request_refused', message, status)
  }
  const [told, sentence] = known
  if (told !== 'weak_password') return new AuthApiError(told, sentence, status)
  const { reasons } = (body.weak_password ?? {}) as { readonly reasons?: unknown }
  const lacking = weaknesses.filter(([reason]) => Array.isArray(reasons) && reasons.includes(reason))
  const advice = lacking.map(([, advice]) => advice).join('') || ' Take a longer one, of more kinds of characters.'
  return new AuthApiError(
    told,
    sentence + advice,
    status,
    lacking.map(([reason]) => reason),
  )
}
