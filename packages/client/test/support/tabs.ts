import type { AuthServer } from '@authflight/testing'
import { IDBFactory } from 'fake-indexeddb'
import { onTestFinished, vi } from 'vitest'
import type { AuthClientOptions, Store } from '../../src/index.ts'
import type { OAuthOptions, OAuthSignIn } from '../../src/providers/oauth.ts'
import { type Client, setUp } from './app.ts'
import { quiet } from './quiet.ts'
import { createFailingStore } from './stores.ts'

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

/**
 * Two tabs of one user, of which the first has its token rotated, and the answer on the way. Its store can be made to fail; the second one sees
 * the same by `seen`.
 */
export async function holdARotation({
  seen = (inner) => inner,
  owing: first,
  other: second,
}: {
  readonly seen?: ((inner: Store) => Store) | undefined
  readonly owing?: Partial<AuthClientOptions<OAuthSignIn>>
  readonly other?: Partial<AuthClientOptions<OAuthSignIn>>
} = {}) {
  quiet()
  const { server, signIn } = setUp()
  const { store, inner, fail, mend } = createFailingStore()
  const owing = await openTab(server, { ...first, storage: store })
  const other = await openTab(server, { ...second, storage: seen(inner) })
  await signIn(owing)
  await vi.waitUntil(() => other.getSnapshot().status === 'signed-in')
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = owing.refreshSession()
  await gate.arrived
  return { server, inner, owing, other, gate, refreshing, fail, mend }
}
