import type { AuthAccount, AuthClient, AuthError, Session, SessionTokens, User } from '@authflight/client'
import { gotrue, type GoTrueMethods, type GoTrueSignIn } from '@authflight/client/gotrue'
import { createAuthClientIn } from '@authflight/client/realm'
import { onBehalfOf, type Call } from './call.ts'
import type { SessionView } from './history.ts'
import { canary } from './leaks.ts'
import { createProvider, type Methods, type SignInRequest } from './provider.ts'
import type { Tab } from './tab.ts'
import type { World } from './world.ts'

export type OwnClient = AuthClient<SignInRequest> & Methods
export type GoTrueClient = AuthClient<GoTrueSignIn> & GoTrueMethods

/** A client, in the hands of an app that uses it in every order. */
export interface Actor {
  /** `A.1`: the first client of tab A. */
  readonly name: string
  readonly tab: Tab
  /** As far as all clients go. */
  readonly auth: AuthClient<never>
  /** The same, of the explorer's own provider; null where it is of another. */
  readonly own: OwnClient | null
  /** The same, of the `gotrue()` provider; null where it is of another. */
  readonly gotrue: GoTrueClient | null
  /** Sign-ins that have left and not come back, by where they went. */
  readonly departed: string[]
  /** Ways to end what was begun with a signal. */
  readonly signals: AbortController[]
  readonly unsubscribes: (() => void)[]
  isDisposed: boolean
  subscribers: number
}

/** What an operation gives, as far as somebody cares. */
interface Given {
  readonly data?: {
    readonly session?: Session | null
    readonly tokens?: SessionTokens | null
    readonly user?: User | null
  }
  readonly error?: AuthError | null
}

/** Whom an operation asks for, where that is not who is shown, and what it brings. */
interface Asked {
  readonly about?: Call['about']
  readonly whom?: string | null | undefined
  readonly brings?: string | null
}

function createClient(world: World, tab: Tab): Pick<Actor, 'auth' | 'own' | 'gotrue'> {
  const { setting } = world
  const options = {
    storage: world.storeOf(tab),
    autoRefresh: setting.autoRefresh,
    fetchOrigins: ['https://id.explorer.test'],
    patience: setting.patience,
    requestLimit: setting.requestLimit,
    ...(setting.legacyLock ? { lock: world.legacyLockOf(tab), lockAcquireTimeout: setting.patience } : {}),
  }
  if (world.gotrue) {
    const client = createAuthClientIn(tab.realm, {
      ...options,
      provider: gotrue({ url: world.gotrue.settings.issuer }),
    })
    return { auth: client, own: null, gotrue: client }
  }
  const provider = createProvider(world.reuse, () =>
    world.secrets.keep('state', `${canary}_state_${(world.states += 1)}`),
  )
  const client = createAuthClientIn(tab.realm, { ...options, provider })
  return { auth: client, own: client, gotrue: null }
}

export function createActor(world: World, tab: Tab, name: string): Actor {
  const client = createClient(world, tab)
  const { auth } = client
  const actor: Actor = {
    name,
    tab,
    ...client,
    departed: [],
    signals: [],
    unsubscribes: [],
    isDisposed: false,
    subscribers: 0,
  }
  world.tell({ kind: 'client', tab: tab.name, client: name })
  auth.subscribe(() => {
    const snapshot = auth.getSnapshot()
    const session = 'session' in snapshot ? world.see(snapshot.session) : null
    world.tell({ kind: 'snapshot', tab: tab.name, client: name, status: snapshot.status, session })
  })
  subscribe(world, actor, async () => {})
  return actor
}

type Handler = (event: string, session: Session | null) => unknown

/** Subscribes a handler; what it is told is noted first. */
export function subscribe(world: World, actor: Actor, handler: Handler): void {
  const { tab, name, auth } = actor
  const subscriber = `${name}#${(actor.subscribers += 1)}`
  world.tell({ kind: 'subscribed', tab: tab.name, client: name, subscriber })
  const stop = auth.onAuthStateChange((event, session, { sessionId, reason, source }) => {
    const seen = session && world.see(session)
    world.tell({
      kind: 'event',
      tab: tab.name,
      client: name,
      subscriber,
      event,
      session: seen,
      sessionId,
      reason,
      source,
    })
    return handler(event, session)
  })
  actor.unsubscribes.push(() => {
    world.tell({ kind: 'unsubscribed', tab: tab.name, client: name, subscriber })
    stop()
  })
}

/** Begins an operation of a client and notes how it ends. */
export function begin(
  world: World,
  actor: Actor,
  operation: string,
  act: () => Promise<unknown>,
  asked: Asked = {},
): void {
  // With a lock its turn may come when somebody else is shown.
  const { about: meant = shownBy(world, actor.auth) } = asked
  const about = world.setting.legacyLock ? 'unknown' : meant
  const call: Call = {
    id: world.calls.length + 1,
    operation,
    tab: actor.tab.name,
    client: actor.name,
    about,
    whom: asked.whom === undefined ? (about && about !== 'unknown' ? about.owner : null) : asked.whom,
    brings: asked.brings ?? null,
    begunAt: world.time.now,
    settled: false,
  }
  world.calls.push(call)
  world.tell({ kind: 'called', call })
  onBehalfOf(call, act).then(
    (value) => {
      const given = typeof value === 'string' ? { data: { tokens: { accessToken: value } } } : ((value ?? {}) as Given)
      settle(world, call, given.data, given.error?.code ?? null, given.error)
    },
    (error: unknown) => settle(world, call, {}, (error as Partial<AuthError> | null)?.code ?? 'thrown', error),
  )
}

function settle(
  world: World,
  call: Call,
  { session, tokens, user }: NonNullable<Given['data']> = {},
  code: string | null,
  error: unknown,
): void {
  call.settled = true
  const { message, stack, ...rest } = (error ?? {}) as Error
  // An app's own fetch fails with the network's own error, which is none of the client's.
  const leaked = code !== null && code !== 'thrown' && world.secrets.isLeak([message, stack, rest])
  world.tell({
    kind: 'settled',
    call,
    session: session && world.see(session),
    owner: world.ownerOf(session ?? tokens)?.login ?? world.userOf(user)?.login ?? null,
    error: code,
    leaked,
  })
}

/** Whom a client, or the surface of one account, shows. */
export function shownBy(world: World, place: Pick<AuthAccount, 'getSnapshot'>): SessionView | null | 'unknown' {
  const snapshot = place.getSnapshot()
  if (snapshot.status === 'restoring') return 'unknown'
  return 'session' in snapshot ? world.see(snapshot.session) : null
}

export function dispose(world: World, actor: Actor): void {
  if (actor.isDisposed) return
  actor.isDisposed = true
  actor.auth.dispose()
  world.tell({ kind: 'disposed', tab: actor.tab.name, client: actor.name })
}
