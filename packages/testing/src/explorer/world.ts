import type { AuthRecord, Session, SessionTokens, Store, User } from '@authflight/client'
import type { LockFunction } from '@authflight/client/locks'
import { type Actor, createActor, dispose } from './actor.ts'
import { createAuthority } from './authority.ts'
import type { Call } from './call.ts'
import { createChance } from './chance.ts'
import { createChannels } from './channels.ts'
import { Choices } from './choices.ts'
import { createDatabase } from './database.ts'
import { createGoTrueAuthority } from './gotrue-authority.ts'
import type { Dated, Deed, Fact, History, Recorded, SessionView } from './history.ts'
import type { Setting } from './setting.ts'
import { createLegacyLock } from './legacy-lock.ts'
import { createLocks } from './locks.ts'
import { createNetwork } from './network.ts'
import { createSecrets } from './secrets.ts'
import { profiles } from './profiles.ts'
import { createReader } from './stored.ts'
import { beginning, openTab, type Tab } from './tab.ts'
import { Time } from './time.ts'

export type World = ReturnType<typeof createWorld>

/** Where a sign-in comes back to, and the login of who has signed in. */
export interface Callback {
  readonly url: string
  readonly whom: string
}

/** What an app throws on purpose, to see that nobody else is harmed. */
export class Thrown extends Error {}

/** One browser with its tabs, its database, one server, and a clock that stands still until somebody says so. */
export function createWorld(setting: Setting, seed: number) {
  const facts: Dated[] = []
  const records: Recorded[] = []
  const calls: Call[] = []
  const tabs: Tab[] = []
  const stores = new WeakMap<Tab, Store>()
  const legacyLocks = new WeakMap<Tab, LockFunction>()
  const actors: Actor[] = []
  const time = new Time()
  const chance = createChance(seed)
  const choices = new Choices()
  /** Milliseconds that everybody has slept. */
  let slept = 0
  let loses = false

  const tell = (fact: Fact): void => void facts.push(Object.assign(fact, { at: time.now }))
  const serverNow = (): number => beginning + time.now + slept
  const { dialect, server, reuse } = profiles[setting.profile]
  const gotrue =
    dialect === 'gotrue' ? createGoTrueAuthority(server, setting.lifetime ?? 3_600, serverNow, chance) : null
  const authority = gotrue ?? createAuthority(server, setting.lifetime, serverNow, chance)
  const read = createReader(authority.idOf, beginning, authority.sessionOf)
  const database = createDatabase({ choices, kind: setting.store, tell, read, idOf: authority.idOf })
  const secrets = createSecrets(authority)
  const channels = createChannels(choices, tell, secrets, setting.channels)
  const locks = createLocks(choices, tell, secrets)
  const network = createNetwork({
    choices,
    authority,
    dialect,
    tell,
    nothingToLose: database.hasNothingToLose,
  })

  const world = {
    setting,
    time,
    chance,
    choices,
    calls,
    tabs,
    actors,
    authority,
    secrets,
    /** What a GoTrue server works with; null where the server is none. */
    gotrue: gotrue?.context ?? null,
    database,
    channels,
    locks,
    network,
    tell,
    serverNow,
    /** Display ids of all accounts that somebody was shown. */
    accounts: new Set<string>(),
    /** Sessions that `exportSession` has given away. */
    exported: [] as SessionTokens[],
    /** Milliseconds that the wall clock of this device is ahead of the server's. */
    skew: 0,
    /** Sign-ins that have come back, by their states. */
    returned: new Map<string, Callback>(),
    /** How many sign-ins were begun. */
    states: 0,
    reuse,
    dialect,
    /** One for all clients of a tab, as they share the database by default. */
    storeOf(tab: Tab): Store {
      const store = stores.get(tab) ?? database.storeOf(tab)
      stores.set(tab, store)
      return store
    },
    /** One for all clients of a tab, as theirs is by default. */
    legacyLockOf(tab: Tab): LockFunction {
      const lock = legacyLocks.get(tab) ?? createLegacyLock(choices, tab)
      legacyLocks.set(tab, lock)
      return lock
    },
    record: (tab: Tab, record: AuthRecord): void => void records.push({ tab: tab.name, record }),
    reported: (tab: Tab, error: unknown): void =>
      tell({ kind: 'reported', tab: tab.name, expected: error instanceof Thrown }),
    note: (tab: string | null, describe: () => string): void => tell({ kind: 'decided', tab, describe }),
    deed(deed: Deed, tab: Tab | null = null, more: { ms?: number; what?: string } = {}): void {
      tell({ kind: 'deed', deed, tab: tab?.name ?? null, ...more })
    },
    /** Whose an access token is, at the server. */
    ownerOf: (holder: Pick<SessionTokens, 'accessToken'> | null | undefined) =>
      holder && authority.sessionOf(holder.accessToken)?.user,
    userOf: (told: Pick<User, 'id'> | null | undefined) => authority.users.find(({ sub }) => sub === told?.id),
    see: (session: Session): SessionView => {
      const server = authority.sessionOf(session.accessToken)
      world.accounts.add(session.account)
      return {
        id: session.sessionId,
        account: session.account,
        revision: session.revision,
        access: authority.idOf(session.accessToken),
        server: server?.id ?? null,
        owner: server?.user.login ?? null,
        user: world.userOf(session.user)?.login ?? null,
        stale: session.stale ?? false,
        dead: (session.expiresAt ?? Infinity) <= serverNow() + world.skew,
      }
    },

    /** A new tab in the first place that is free; `A2` is the second realm in place A. */
    open(href = 'https://app.explorer.test/'): Tab {
      const place = places.find((letter) => !tabs.some((tab) => tab.isAlive && tab.name.startsWith(letter))) ?? '?'
      const before = tabs.filter(({ name }) => name.startsWith(place)).length
      const tab = openTab(world, before === 0 ? place : `${place}${before + 1}`, href)
      tabs.push(tab)
      world.deed('opened', tab)
      return tab
    },
    join(tab: Tab): Actor {
      const here = actors.filter((actor) => actor.tab === tab).length
      const actor = createActor(world, tab, `${tab.name}.${here + 1}`)
      actors.push(actor)
      return actor
    },
    /** The tab is gone, and all that it has not told anybody. */
    kill(tab: Tab): void {
      world.deed('killed', tab)
      tab.isAlive = false
      tab.timers.clear()
      tab.watchers.clear()
      network.forget(tab)
      choices.drop((choice) => choice.tab === tab.name && choice.kind !== 'request')
      channels.closeAll(tab)
      locks.releaseAll(tab)
      for (const actor of actors) if (actor.tab === tab) actor.isDisposed = true
      if (setting.store === 'memory') database.clear()
    },
    dispose: (actor: Actor): void => dispose(world, actor),
    sleep(ms: number): void {
      slept += ms
      world.deed('slept', null, { ms })
    },
    /** Messages are lost from now on, or not any more. */
    loseNotices(isLost: boolean): void {
      if (loses === isLost) return
      loses = isLost
      channels.lose(isLost)
      world.deed(isLost ? 'notices lost' : 'notices back')
    },
    get history(): History {
      return { facts, records, setting }
    },
  }
  return world
}

const places = ['A', 'B', 'C', 'D']
