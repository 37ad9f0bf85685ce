import type { ServerResponse } from 'node:http'
import { type AccessTokens, defaultTtl, longestTtl, shortestTtl } from './access-tokens.ts'
import { accounts } from './accounts.ts'
import { type Fault, type FaultSwitch, readFault, readInteger } from './fault-switch.ts'
import { type Handler, HttpError, readJsonObject, sendJson } from './http.ts'
import type { Listener } from './listener.ts'
import type { RefreshLifetime } from './refresh-lifetime.ts'
import type { LogEntry, RequestLog } from './request-log.ts'
import type { TokenStore } from './token-store.ts'

/** Seconds. */
const longestRefreshTtl = 86_400

export interface ControlSetup {
  readonly issuer: string
  readonly clientId: string
  readonly resource: string
  readonly otlp: boolean
  readonly traceView: string | undefined
  readonly accessTokens: AccessTokens
  readonly refreshLifetime: RefreshLifetime
  readonly faults: FaultSwitch
  readonly log: RequestLog
  readonly store: TokenStore
  /** The authorization server's: closed while the fault is `refuse`. */
  readonly authListener: Listener
}

/** What the playground's page asks and orders, by method and path. */
export function createControl(setup: ControlSetup): Record<string, Handler> {
  const {
    issuer,
    clientId,
    resource,
    otlp,
    traceView,
    accessTokens,
    refreshLifetime,
    faults,
    log,
    store,
    authListener,
  } = setup

  const readState = () => ({
    fault: faults.fault,
    accessTokenTtl: accessTokens.ttl,
    ...(refreshLifetime.told !== null && { refreshTokenTtl: refreshLifetime.told }),
  })

  const setFault = async (fault: Fault, times?: number) => {
    faults.set(fault, times)
    await (fault.kind === 'refuse' ? authListener.close() : authListener.reopen())
  }

  const acts: Record<string, () => number> = {
    revoke_grant: () => store.revokeGrants(),
    expire_refresh_token: () => store.expireRefreshTokens(),
    expire_access_tokens: () => accessTokens.expireAll(),
  }

  return {
    'GET /playground/config': (_request, response) => {
      const users = accounts.map(({ login, password, name }) => ({ login, password, name }))
      sendJson(response, 200, { issuer, clientId, resource, users, accessTokenTtl: accessTokens.ttl, otlp, traceView })
    },
    'GET /playground/state': (_request, response) => sendJson(response, 200, readState()),
    'POST /playground/fault': async (request, response) => {
      const { fault, times } = readFault(await readJsonObject(request))
      await setFault(fault, times)
      sendJson(response, 200, readState())
    },
    'POST /playground/act': async (request, response) => {
      const { act } = await readJsonObject(request)
      const carryOut = typeof act === 'string' && Object.hasOwn(acts, act) ? acts[act] : undefined
      if (!carryOut) throw new HttpError(400, `\`act\` has to be one of ${Object.keys(acts).join(', ')}.`)
      sendJson(response, 200, { affected: carryOut() })
    },
    'POST /playground/ttl': async (request, response) => {
      accessTokens.ttl = readInteger(await readJsonObject(request), 'seconds', shortestTtl, longestTtl)
      sendJson(response, 200, readState())
    },
    'POST /playground/refresh-ttl': async (request, response) => {
      refreshLifetime.told = readInteger(await readJsonObject(request), 'seconds', 1, longestRefreshTtl)
      sendJson(response, 200, readState())
    },
    'POST /playground/reset': async (_request, response) => {
      accessTokens.ttl = defaultTtl
      refreshLifetime.told = null
      log.clear()
      await setFault({ kind: 'none' })
      sendJson(response, 200, readState())
    },
    'GET /playground/log': (_request, response) =>
      sendJson(response, 200, { entries: log.entries, refreshRequests: log.refreshRequests }),
    'GET /playground/log/stream': (request, response) => {
      streamLog(log, response, Number(request.headers['last-event-id'] ?? 0))
    },
  }
}

/** Server-sent events: first what is in the log already after `lastSeq`, then each entry as it comes. */
function streamLog(log: RequestLog, response: ServerResponse, lastSeq: number) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const send = (news: LogEntry | 'cleared') => {
    if (news === 'cleared') response.write('event: cleared\ndata: {}\n\n')
    else response.write(`id: ${news.seq}\ndata: ${JSON.stringify(news)}\n\n`)
  }
  response.write(': the log of the authorization server\n\n')
  for (const entry of log.entries) if (!(entry.seq <= lastSeq)) send(entry)
  const unsubscribe = log.subscribe(send)
  response.once('close', unsubscribe)
}
