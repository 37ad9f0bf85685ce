import { json } from '../answer.ts'
import type { GoTrueContext, GoTrueExchange } from './context.ts'

/** What the server says no with: an HTTP status, its code, and a sentence. */
export interface Failure {
  readonly status: number
  readonly code: string
  readonly text: string
  /** What else its body holds. */
  readonly more: object
}

export const failure = (status: number, code: string, text: string, more: object = {}): Failure => ({
  status,
  code,
  text,
  more,
})

/**
 * An error body: `{ code, message }` for who asks for it, else `{ code, error_code, msg }`. A server from before there were codes says
 * `{ error, error_description }` of passwords and refresh tokens and `{ code, msg }` of anything else, and had 401 where there is 403 now.
 */
export function writeFailure(
  { settings }: Pick<GoTrueContext, 'settings'>,
  { isDated, url }: Pick<GoTrueExchange, 'isDated' | 'url'>,
  { status, code, text, more }: Failure,
): Response {
  if (settings.errors === 'legacy') {
    const isGrant = ['password', 'refresh_token'].includes(url.searchParams.get('grant_type') ?? '')
    if (isGrant) return json({ error: 'invalid_grant', error_description: text }, status)
    const then = status === 403 ? 401 : status
    return json({ code: then, msg: text }, then)
  }
  const headers = { 'x-sb-error-code': code, ...(isDated && { 'x-supabase-api-version': '2024-01-01' }) }
  const told = isDated ? { code, message: text } : { code: status, error_code: code, msg: text }
  return json({ ...told, ...more }, status, headers)
}
