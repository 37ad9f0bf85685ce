import { type AuthClient, type AuthRecord, type Provider, recorderHook, type Store } from '@authflight/client'
import { type AuthServer, type AuthServerOptions, createAuthServer } from '@authflight/testing'
import { installPlatform, type Platform } from './platform.ts'
import { loadRealm, type Realm } from './realm.ts'

/** A server and the tabs of an app: what a case is played on. */
export interface Stand {
  readonly server: AuthServer
  /** A tab with a client of its own; two tabs share what is in `store`. */
  openTab(options?: TabOptions): Promise<AuthClient>
  /** A store that everybody who is handed it shares. */
  newStore(): Promise<Store>
  /** Another store with the same content: what a copied tab or a second framework has. */
  copyStore(store: Store): Promise<Store>
  /** Makes pages of the tabs that are opened from now on. */
  becomePage(): Platform
}

interface TabOptions {
  readonly store?: Store
  /** Error codes of the server, besides `invalid_grant`, that end a session, and what they say. */
  readonly terminal?: Provider['terminal']
  /** With tokens that are bound to a key. */
  readonly dpop?: true
  /** It records nothing, as an app's older version does in a tab left open. */
  readonly silent?: true
  /** Milliseconds a request may take. */
  readonly requestLimit?: number
}

export async function signIn(auth: AuthClient, server: AuthServer, user = 'ada'): Promise<void> {
  const { data, error } = await auth.signIn()
  if (error) throw error
  await auth.handleRedirect(await server.authorize(data.url ?? '', { user }))
}

/** Plays a case against the real client, and gives its records: of an operation that ended only the end. */
export async function recordCase(
  play: (stand: Stand) => Promise<void>,
  options: AuthServerOptions = {},
): Promise<AuthRecord[]> {
  const records = new Map<string, AuthRecord>()
  const server = createAuthServer({ profile: 'strict', ...options })
  const clients: AuthClient[] = []
  const fetchBefore = globalThis.fetch
  globalThis.fetch = server.fetch
  const stops: (() => void)[] = []
  const keep = (record: AuthRecord) => void records.set(record.id, record)
  const stop = recorderHook().subscribe((source) => void stops.push(source.subscribe(keep)))
  let platform: ReturnType<typeof installPlatform> | undefined
  const realms: Realm[] = []
  const newRealm = async () => {
    const realm = await loadRealm()
    realms.push(realm)
    return realm
  }
  try {
    await play({
      server,
      async openTab({ store, terminal = {}, dpop, silent, requestLimit } = {}) {
        const realm = await newRealm()
        const plain = realm.oauth({
          issuer: server.issuer,
          clientId: 'spa',
          redirectUri: 'https://app.example.test/',
        })
        const provider = dpop ? realm.dpop(plain) : plain
        const auth = realm.createAuthClient({
          provider: { ...provider, terminal: { ...provider.terminal, ...terminal } },
          storage: store ?? realm.memoryStore(),
          autoRefresh: 'off',
          recorder: silent ? 'off' : 'auto',
          ...(requestLimit && { requestLimit }),
        })
        clients.push(auth)
        return auth
      },
      newStore: async () => (realms[0] ?? (await newRealm())).memoryStore(),
      copyStore: async (from) => {
        const copy = (realms[0] ?? (await newRealm())).memoryStore()
        const all = await from.transact({ keys: [], prefixes: [''] }, (view) => view.list(''))
        await copy.transact({ keys: [], prefixes: [''] }, (view) => {
          for (const [key, value] of all) view.put(key, structuredClone(value) as object)
        })
        return copy
      },
      becomePage: () => (platform ??= installPlatform()),
    })
    const leaks = await server.leaksIn(JSON.stringify([...records.values()]))
    if (leaks.length > 0) throw new Error(`The records hold ${leaks.join(', ')}.`)
    return [...records.values()]
  } finally {
    stop()
    for (const each of stops) each()
    for (const auth of clients) auth.dispose()
    platform?.restore()
    globalThis.fetch = fetchBefore
  }
}
