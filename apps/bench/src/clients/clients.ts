/** A way of using a client that is measured: a row of a table. */
export interface Client {
  /** Unique; what the tables call it. */
  readonly name: string
  /** The module that exports `create`, from the folder of this app. */
  readonly module: string
  readonly options: Readonly<Record<string, unknown>>
  /** With an OpenTelemetry SDK registered before it is made. */
  readonly sdk: boolean
}

const client = (name: string, module: string, options: Client['options'] = {}, sdk = false): Client => ({
  name,
  module,
  options,
  sdk,
})

const ours = 'src/clients/authflight.ts'
const authJs = 'peers/auth-js.mjs'

export const limit = client('limit', 'src/clients/limit.ts')
export const withoutRecorder = client('authflight, recorder off', ours, { recorder: 'off' })
export const withRing = client('authflight, ring', ours)
export const withSdk = client('authflight, ring and SDK', ours, {}, true)

/** In one process. The limit comes first: the others are measured against it. */
export const processClients: readonly Client[] = [
  limit,
  withoutRecorder,
  withRing,
  withSdk,
  client('auth-js, lockless', authJs),
  client('auth-js, processLock', authJs, { lock: 'processLock' }),
  client('oidc-client-ts', 'peers/oidc-client-ts.mjs'),
  client('auth0-spa-js', 'peers/auth0-spa-js.mjs'),
]

export const inTabs = client('authflight', ours)

/** In two tabs of one browser. */
export const tabClients: readonly Client[] = [
  inTabs,
  client('auth-js, lockless', authJs),
  client('auth-js, navigatorLock', authJs, { lock: 'navigatorLock' }),
  client('oidc-client-ts', 'peers/oidc-client-ts.mjs'),
  client('auth0-spa-js', 'peers/auth0-spa-js.mjs'),
]
