import { fileURLToPath } from 'node:url'
import { measureBundle, measureOpened } from '../../../../scripts/lib/bundle-size.mjs'
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
  'authflight with oauth and DPoP': `${createAuthClient}\nexport { oauth } from '@authflight/client/oauth'\nexport { dpop } from '@authflight/client/oauth/dpop'`,
  'authflight with gotrue': `${createAuthClient}\nexport { gotrue } from '@authflight/client/gotrue'`,
  'auth-js': fromPeer('AuthClient', 'auth-js.mjs'),
  'oidc-client-ts': fromPeer('UserManager', 'oidc-client-ts.mjs'),
  'auth0-spa-js': fromPeer('Auth0Client', 'auth0-spa-js.mjs'),
}

export const panelSize = {
  opened: 'panel, when it opens',
  whole: 'panel, with all that it loads later',
  production: 'panel, in a production build that does not ask for it',
} as const

const panel = "export { AuthDevtoolsPanel } from '@authflight/devtools/production'"
const noPanel = "export { AuthDevtools, AuthDevtoolsPanel } from '@authflight/devtools/react'"

/** What an app pays for each, minified and gzipped, the OpenTelemetry API apart. */
export function measureSizes(): Promise<SizeRow[]> {
  return Promise.all([
    ...Object.entries(bundles).map(async ([what, code]) => ({ what, kB: await measureBundle(code) })),
    measureOpened(panel).then((kB) => ({ what: panelSize.opened, kB })),
    measureBundle(panel).then((kB) => ({ what: panelSize.whole, kB })),
    measureBundle(noPanel).then((kB) => ({ what: panelSize.production, kB })),
  ])
}
