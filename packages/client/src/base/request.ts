import { isA } from './is-a.ts'

/** What a `fetch` was asked with, where that is a Request, of this realm or another one. */
export const requestOf = (input: RequestInfo | URL): Request | null =>
  isA('Request', input) ? (input as Request) : null

/** What can be read once. Also what Node takes beside a ReadableStream: generators and its own streams. */
export const isStream = (body: unknown): boolean =>
  isA('ReadableStream', body) || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
