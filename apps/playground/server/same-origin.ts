import type { IncomingMessage } from 'node:http'
import { HttpError } from './http.ts'

/**
 * Only the playground's own page, or a program that is no browser, may use the controls: no page of another origin,
 * and no page that had its own host name point here.
 *
 * @throws {HttpError} 403
 */
export function requireSameOrigin(request: IncomingMessage, appUrl: string) {
  const { origin, 'sec-fetch-site': site } = request.headers
  const fromPage = origin === undefined || origin === appUrl
  const fromHere = site === undefined || site === 'same-origin' || site === 'none'
  if (fromPage && fromHere && isCalledBy(request, appUrl)) return
  throw new HttpError(403, `Only the playground's own page, ${appUrl}, may do this.`)
}

/** Whether the request came by the public name. A proxy in front has to pass the Host header on as it is. */
export function isCalledBy({ headers }: IncomingMessage, appUrl: string): boolean {
  return headers.host === new URL(appUrl).host
}
