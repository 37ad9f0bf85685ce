import type { AuthServer } from '@authflight/testing'
import { IDBFactory } from 'fake-indexeddb'
import { onTestFinished, vi } from 'vitest'
import type { AuthClientOptions } from '../../src/index.ts'
import type { OAuthOptions, OAuthSignIn } from '../../src/providers/oauth.ts'
import type { Client } from './app.ts'

type Issuer = Pick<AuthServer, 'issuer'>

const databases = new WeakMap<Issuer, IDBFactory>()

/**
 * A tab: its own copy of every module, so its own flights and ring, on the database that all tabs of this server share. It
 * hears the others by BroadcastChannel, as real tabs do.
 */
export async function openTab(
  server: Issuer,
  {
    oauth: more,
    dpop: isBound = false,
    ...options
  }: Partial<AuthClientOptions<OAuthSignIn>> & {
    readonly oauth?: Partial<OAuthOptions>
    /** Whether tokens are bound to a key. */
    readonly dpop?: boolean
  } = {},
): Promise<Client> {
  const database = databases.get(server) ?? new IDBFactory()
  databases.set(server, database)
  vi.resetModules()
  const { createAuthClient, indexedDbStore } = await import('../../src/index.ts')
  const { oauth } = await import('../../src/providers/oauth.ts')
  if (typeof IDBKeyRange === 'undefined') vi.stubGlobal('IDBKeyRange', (await import('fake-indexeddb')).IDBKeyRange)
  const { dpop } = await import('../../src/providers/dpop.ts')
  const provider = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/', ...more })
  const auth = createAuthClient({
    provider: isBound ? dpop(provider) : provider,
    storage: indexedDbStore(database),
    autoRefresh: 'off',
    redirect: 'manual',
    ...options,
  })
  onTestFinished(() => auth.dispose())
  return auth
}

/** Two tabs of one user, the second of which has read that the first has signed in. */
export async function openTwoTabs(
  server: Issuer,
  signIn: (auth: Client) => Promise<unknown>,
): Promise<readonly [Client, Client]> {
  const one = await openTab(server)
  await signIn(one)
  const two = await openTab(server)
  await two.getSession()
  return [one, two]
}
