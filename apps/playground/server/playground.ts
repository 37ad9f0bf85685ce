import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair } from 'jose'
import { AccessTokens } from './access-tokens.ts'
import { createApi } from './api.ts'
import { traceApi } from './api-spans.ts'
import { serveApp } from './app-server.ts'
import { serveAuth } from './auth-server.ts'
import { createControl } from './control.ts'
import { FaultSwitch } from './fault-switch.ts'
import { Listener } from './listener.ts'
import { createOtlpProxy } from './otlp-proxy.ts'
import { createPage, type Page } from './page.ts'
import { clientId, createProvider } from './provider.ts'
import { RefreshLifetime } from './refresh-lifetime.ts'
import { RequestLog } from './request-log.ts'
import { TokenStore } from './token-store.ts'

export interface PlaygroundOptions {
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string
  /** The page's port; 0 is any free one. Default: the first free one from 5170. */
  readonly port?: number
  /** The authorization server's port; 0 is any free one. Default: the first free one after the page's. */
  readonly authPort?: number
  /** The origin by which browsers reach the page; a proxy has to keep the Host header. Default: http, `localhost` and the port. */
  readonly publicUrl?: string
  /** The same for the authorization server: its issuer. */
  readonly publicAuthUrl?: string
  /** Whether an open page follows edits of its sources. Default true; a test wants a page that stays. */
  readonly hot?: boolean
  /** Another page in the place of the one from source. */
  readonly page?: Page
  /** Where spans are handed on to: the full address. Default: nowhere. */
  readonly collector?: URL
  /** Headers that go there with the page's spans and metrics, and with the API's spans. Default: none. */
  readonly collectorHeaders?: Readonly<Record<string, string>>
  /** The origin where `#trace=<id>` shows a trace. Default: traces cannot be looked at. */
  readonly traceView?: string
}

export interface Playground extends AsyncDisposable {
  /** The page's origin, no slash at its end. */
  readonly url: string
  readonly issuer: string
  /** The ports on this machine, whatever the public addresses say. */
  readonly port: number
  readonly authPort: number
  /** Closes both servers and every connection. Nothing of it runs afterwards. */
  stop(): Promise<void>
}

/**
 * Starts the page, the API and the authorization server in this process.
 *
 * @throws {Complaint} when a port cannot be had
 */
export async function startPlayground(options: PlaygroundOptions = {}): Promise<Playground> {
  const host = options.host ?? '127.0.0.1'
  const app = new Listener(host)
  const auth = new Listener(host)
  try {
    const { port, authPort = port === 0 ? 0 : undefined } = options
    await app.open(port === undefined ? { from: 5170 } : { exactly: port }, 'PORT')
    await auth.open(authPort === undefined ? { from: app.port + 1 } : { exactly: authPort }, 'AUTH_PORT')
    return await assemble(app, auth, options)
  } catch (error) {
    await Promise.all([app.close(), auth.close()])
    throw error
  }
}

async function assemble(app: Listener, auth: Listener, options: PlaygroundOptions): Promise<Playground> {
  const url = options.publicUrl ?? originOf(app)
  const issuer = options.publicAuthUrl ?? originOf(auth)
  const resource = `${url}/api`

  const { signingKey, publicKey } = await generateSigningKey()
  const store = new TokenStore()
  const accessTokens = new AccessTokens()
  const refreshLifetime = new RefreshLifetime()
  const faults = new FaultSwitch(url)
  const log = new RequestLog()
  const provider = createProvider({ issuer, appUrl: url, resource, signingKey, store, accessTokens, refreshLifetime })
  serveAuth({ listener: auth, provider, issuer, appUrl: url, faults, refreshLifetime, log })

  const keys = createLocalJWKSet({ keys: [publicKey] })
  const otlp = options.collector !== undefined
  const page = options.page ?? createPage(app.server, url, options.hot ?? true)
  const api = createApi({ issuer, resource, keys, accessTokens })
  const traced = options.collector && traceApi(api, options.collector, options.collectorHeaders)
  serveApp({
    listener: app,
    appUrl: url,
    control: createControl({
      issuer,
      clientId,
      resource,
      otlp,
      traceView: options.traceView,
      accessTokens,
      refreshLifetime,
      faults,
      log,
      store,
      authListener: auth,
    }),
    api: traced?.serve ?? api,
    otlp: createOtlpProxy(options.collector, options.collectorHeaders),
    page: page.serve,
  })

  const stop = async () => {
    faults.set({ kind: 'none' })
    await Promise.all([app.close(), auth.close(), page.close(), traced?.close()])
  }
  return { url, issuer, port: app.port, authPort: auth.port, stop, [Symbol.asyncDispose]: stop }
}

async function generateSigningKey() {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const [signingKey, publicKey] = await Promise.all([exportJWK(pair.privateKey), exportJWK(pair.publicKey)])
  const kid = await calculateJwkThumbprint(publicKey)
  return { signingKey: { ...signingKey, kid }, publicKey: { ...publicKey, kid } }
}

/** Browsers treat `localhost` as a safe place even without TLS, so that is the name wherever it leads here. */
function originOf({ host, port }: Listener): string {
  const isLocal = ['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'].includes(host)
  const name = isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
