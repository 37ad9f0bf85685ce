import type { Question, Reply } from './authority.ts'
import type { Endpoint } from './history.ts'
import { canary } from './leaks.ts'
import type { Row } from './rows.ts'
import { openRequest } from './wire.ts'

const grants: Readonly<Record<string, Endpoint>> = { refresh_token: 'refresh', password: 'password' }

/** A request of the `gotrue()` provider. */
export function readGoTrueRequest(input: RequestInfo | URL, init: RequestInit | undefined): Question {
  const request = openRequest(input, init)
  const { url, body, bearer } = request
  const { refresh_token: refresh, email, token } = body === '' || url.pathname === '/api' ? {} : readBody(body)
  const endpoint = endpointOf(url)
  const presented: Partial<Record<Endpoint, unknown>> = { refresh, password: email, verify: token }
  const credential = presented[endpoint] ?? bearer
  return { ...request, endpoint, credential: typeof credential === 'string' ? credential : null }
}

function endpointOf({ pathname, searchParams }: URL): Endpoint {
  if (pathname === '/logout') return searchParams.get('scope') === 'others' ? 'revoke others' : 'revoke'
  if (pathname !== '/token') return pathname.slice(1) as Endpoint
  const grant = searchParams.get('grant_type') ?? ''
  const endpoint = grants[grant]
  if (!endpoint) throw new TypeError(`No world asks for the grant ${grant}.`)
  return endpoint
}

export const readBody = (body: string): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>

/** What the `gotrue()` provider reads: what the model has said, or a row in its place. */
export function writeGoTrueResponse(row: Row | null, reply: Reply | null): Response {
  const status = row?.status ?? reply?.status ?? 200
  const body = row ? bodyOf(row) : (reply?.body ?? '')
  const headers: Record<string, string> = row?.retryAfter ? { 'retry-after': String(row.retryAfter / 1_000) } : {}
  return new Response(body === '' ? null : body, { status, headers })
}

/** In the words of whoever says it: the server of today, one from before there were codes, the gateway, or something on the way. */
function bodyOf({ name, error, status }: Row): string {
  const text = `${canary} said no`
  switch (error) {
    case undefined:
      return name.startsWith('html') ? `<!doctype html><title>${canary}</title>` : ''
    case 'invalid_grant':
      return JSON.stringify({ error, error_description: text })
    case 'invalid_client':
      return JSON.stringify({ message: text })
    default:
      return JSON.stringify({ code: status, error_code: error, msg: text })
  }
}
