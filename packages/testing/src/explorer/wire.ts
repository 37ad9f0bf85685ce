import type { Question, Reply } from './authority.ts'
import type { Endpoint } from './history.ts'
import type { Row } from './rows.ts'

/** What comes back over the wire: what the server made of it, or a row that stands in its place. */
interface Payload {
  readonly row: Row | null
  readonly reply: Reply | null
}

const payloads = new WeakMap<object, Payload>()

/** What a response of the explorer's own server carries. */
export const replyOf = (response: Response): Payload => payloads.get(response) ?? { row: null, reply: null }

/** A request as it left, whoever reads it. */
export function openRequest(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): Omit<Question, 'endpoint' | 'credential'> {
  const headers = init?.headers ? new Headers(init.headers) : null
  return {
    method: init?.method ?? 'GET',
    url: new URL(input as string | URL),
    body: typeof init?.body === 'string' ? init.body : '',
    bearer: headers?.get('authorization')?.replace('Bearer ', '') ?? null,
  }
}

/** The explorer's own provider names the endpoint in the path and sends the bare credential as the body. */
export function readRequest(input: RequestInfo | URL, init: RequestInit | undefined): Question {
  const request = openRequest(input, init)
  const { url, body, bearer } = request
  const endpoint = url.pathname.slice(1) as Endpoint
  return { ...request, endpoint, credential: body === '' || endpoint === 'api' ? bearer : body }
}

/** A response of which the provider reads what {@link replyOf} gives, and the client its status. */
export function writeResponse(row: Row | null, reply: Reply | null): Response {
  const status = row?.status ?? reply?.status ?? 200
  const response = { status, ok: status < 300, body: null, headers: new Headers() }
  payloads.set(response, { row, reply })
  return response as unknown as Response
}
