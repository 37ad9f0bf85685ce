import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type Provider from 'oidc-provider'
import type { Context } from 'oidc-provider'
import type { FaultSwitch } from './fault-switch.ts'
import { readBody } from './http.ts'
import type { Listener } from './listener.ts'
import { serveLogin } from './login.ts'
import type { RefreshLifetime } from './refresh-lifetime.ts'
import type { Endpoint, RequestLog } from './request-log.ts'

const endpoints: readonly (readonly [prefix: string, endpoint: Endpoint])[] = [
  ['/token/revocation', 'revocation'],
  ['/token', 'token'],
  ['/auth', 'authorization'],
  ['/interaction/', 'login'],
  ['/me', 'userinfo'],
  ['/session/end', 'end_session'],
]

/** Bytes. The provider itself reads no more. */
const longestTokenRequest = 56 * 1024

export interface AuthServerSetup {
  readonly listener: Listener
  readonly provider: Provider
  readonly issuer: string
  readonly appUrl: string
  readonly faults: FaultSwitch
  readonly refreshLifetime: RefreshLifetime
  readonly log: RequestLog
}

/** Puts the log and the fault switch before the provider, and the provider on its listener. */
export function serveAuth({ listener, provider, issuer, appUrl, faults, refreshLifetime, log }: AuthServerSetup) {
  provider.on('authorization.error', noteError as never)

  provider.use(async (context, next) => {
    const endpoint = endpointOf(context)
    if (!endpoint) return next()
    const at = Date.now()
    const grant = endpoint === 'token' ? await readGrant(context) : undefined
    const note = (fault: string) => {
      const { status } = context
      const error = errorOf(context)
      log.add({
        at,
        endpoint,
        ...(grant && { grant }),
        status,
        ...(fault !== 'none' && { fault }),
        ...(error && { error }),
      })
    }
    const provide = async () => {
      await next()
      if (endpoint === 'token') refreshLifetime.tell(context)
    }
    if (grant === 'refresh_token') return faults.treat(context, provide, note)
    await provide()
    note('none')
  })
  provider.use(serveLogin(provider, appUrl))

  // The provider builds its addresses from the request. Whatever name the request came by, they are the issuer's.
  const { host, protocol } = new URL(issuer)
  provider.proxy = true
  const answer = provider.callback()
  listener.server.on('request', (request, response) => {
    request.headers.host = host
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    delete request.headers['x-forwarded-host']
    // Chromium sends a request again, unasked, when a connection it has used before dies without an answer. A lost
    // answer has to be one request, so no connection is used twice.
    response.shouldKeepAlive = false
    void answer(request, response)
  })
}

function endpointOf({ method, path }: Context): Endpoint | undefined {
  if (method === 'OPTIONS' || (method === 'GET' && path.startsWith('/interaction/'))) return undefined
  return endpoints.find(([prefix]) => path.startsWith(prefix))?.[1]
}

/** Reads the grant type from the body, and leaves the provider a copy to read. */
async function readGrant(context: Context): Promise<string> {
  const body = await readBody(context.req, longestTokenRequest)
  context.req = Readable.from([body]) as IncomingMessage
  const grant = new URLSearchParams(body.toString()).get('grant_type')
  return grant === 'refresh_token' || grant === 'authorization_code' ? grant : 'unknown'
}

/** Errors of the authorization endpoint leave by redirect or page, those of the others in a JSON body. */
function noteError(context: Context, problem: { error?: string }) {
  context.state['error'] = problem.error
}

function errorOf({ state, body }: Context): string | undefined {
  const error = state['error'] ?? (body as { error?: unknown } | null | undefined)?.error
  return typeof error === 'string' ? error : undefined
}
