import { fileURLToPath } from 'node:url'
import { measureBundle } from '../../../../scripts/lib/bundle-size.mjs'
import { home } from '../clients/load.ts'

export interface SizeRow {
  readonly what: string
  /** Gzipped, of 1,000 bytes. */
  readonly kB: number
}

const createAuthClient = "export { createAuthClient } from '@authflight/client'"
const fromPeer = (name: string, file: string): string =>
  `export { ${name} } from ${JSON.stringify(fileURLToPath(new URL(`peers/${file}`, home)))}`

/** Name and module of each bundle. */
const bundles: Readonly<Record<string, string>> = {
  authflight: createAuthClient,
  'authflight with oauth': `${createAuthClient}\nexport { oauth } from '@authflight/client/oauth'`,
  'auth-js': fromPeer('AuthClient', 'auth-js.mjs'),
  'oidc-client-ts': fromPeer('UserManager', 'oidc-client-ts.mjs'),
  'auth0-spa-js': fromPeer('Auth0Client', 'auth0-spa-js.mjs'),
}

/** What an app pays for each, minified and gzipped, the OpenTelemetry API apart. */
export function measureSizes(): Promise<SizeRow[]> {
  return Promise.all(Object.entries(bundles).map(async ([what, code]) => ({ what, kB: await measureBundle(code) })))
}
