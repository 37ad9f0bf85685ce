import type { IncomingMessage } from 'node:http'
import { HttpError } from './http.ts'

/**
 * Only the playground's own page, or a program that is no browser, may use the controls: no page of another origin,
 * and no page that had its own host name point here.
 *
 * @throws {HttpError} 403
 */
export function requireSameOrigin({ headers }: IncomingMessage, appUrl: string) {
  const site = headers['sec-fetch-site']
  const fromPage = headers.origin === undefined || headers.origin === appUrl
  const fromHere = site === undefined || site === 'same-origin' || site === 'none'
  if (fromPage && fromHere && hostOf(headers) === new URL(appUrl).host) return
  throw new HttpError(403, `Only the playground's own page, ${appUrl}, may do this.`)
}

/** The host name the browser used, also behind a proxy that tells. */
export function hostOf(headers: IncomingMessage['headers']): string | undefined {
  const forwarded = headers['x-forwarded-host']
  return typeof forwarded === 'string' ? forwarded : headers.host
}
