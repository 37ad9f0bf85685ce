import type { AuthRecord } from '@authflight/client'
import { Track } from './track.ts'
import type { SessionHistory } from './sessions.ts'

/** What one client did for one account. */
export interface Lane {
  readonly tab: string
  readonly client: string
  /** Flights, one track unless some overlap. */
  readonly flights: Track[]
  /** What happens inside of flights: HTTP attempts, claim waits, discards. */
  readonly nested: Track[]
  /** How many flights need one, two, three, four lines for their waiters. */
  readonly flightsByWaitLines: number[]
}

/** A line for each waiter up to four; more are drawn as one bar of two lines. */
export function waitLinesFor(waiters: number): number {
  return waiters > maxWaitLines ? 2 : waiters
}

/** How many lines the waiters of a lane need. */
export function waitLinesOf(lane: Lane): number {
  return Math.max(
    0,
    lane.flightsByWaitLines.findLastIndex((flights) => flights > 0),
  )
}

export interface AccountGroup {
  readonly key: string
  /** Counts accounts by first appearance, from 1. */
  readonly number: number
  readonly sessions: SessionHistory[]
  readonly lanes: Lane[]
  /** Commits and store changes of all tabs. */
  readonly storage: Track
  /** Events, timers and session ends of all tabs. */
  readonly events: Track
}

/** More waiters than this are drawn as one bar. */
export const maxWaitLines = 4

/** What a client records that was only there, as one that React's strict mode makes and disposes of at once. */
const idle =
  /^authflight\.(dispose|storage|tab_message|record\.(store_change|event|timer_.*|page_state|network|clock_jump))$/

/** Names for what has only random ids: "Tab A" by first appearance. They stay the same when old records go. */
export class Labels {
  readonly #tabs = new Map<string, { readonly index: number; readonly clients: Map<string, number> }>()
  readonly #accounts = new Map<string, number>()
  #accountCount = 0

  /** Clients are counted from the first that did something. */
  see({ tab, client, name }: Pick<AuthRecord, 'tab' | 'client' | 'name'>): void {
    const known = this.#tabs.get(tab) ?? { index: this.#tabs.size, clients: new Map<string, number>() }
    const { clients } = known
    this.#tabs.set(tab, known)
    if (!clients.has(client) && !idle.test(name)) clients.set(client, clients.size + 1)
  }

  knows(tab: string): boolean {
    return this.#tabs.has(tab)
  }

  tab(tab: string): string {
    return `Tab ${this.tabLetter(tab)}`
  }

  tabLetter(tab: string): string {
    return letters(this.tabIndex(tab))
  }

  tabIndex(tab: string): number {
    return this.#tabs.get(tab)?.index ?? -1
  }

  /** The tab, and the client's number where several did something in it. */
  client(tab: string, client: string): string {
    const { clients } = this.#tabs.get(tab) ?? {}
    const number = clients?.get(client)
    return clients === undefined || number === undefined || clients.size < 2
      ? this.tab(tab)
      : `${this.tab(tab)} · client ${number}`
  }

  get tabCount(): number {
    return this.#tabs.size
  }

  /** A session whose account becomes known brings its number along. */
  account(session: string, account: string | null): number {
    const unknown = `session:${session}`
    const known = this.#accounts.get(account ?? unknown) ?? this.#accounts.get(unknown) ?? ++this.#accountCount
    this.#accounts.delete(unknown)
    this.#accounts.set(account ?? unknown, known)
    return known
  }
}

/** A, B, … Z, AA, AB, … */
function letters(index: number): string {
  if (index < 0) return '?'
  const last = String.fromCharCode(65 + (index % 26))
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last
}

/** The groups and lanes, in order of first appearance. */
export class Lanes {
  readonly groups: AccountGroup[] = []
  /** Page state, network, clock, and whatever has no session. */
  readonly page = new Track()
  readonly #byKey = new Map<string, AccountGroup>()
  readonly #bySession = new Map<string, AccountGroup>()
  readonly #byClient = new Map<string, Lane>()

  groupOf(session: SessionHistory, labels: Labels): AccountGroup {
    const placed = this.#bySession.get(session.id)
    if (placed !== undefined) return placed
    const key = session.account ?? `session:${session.id}`
    const group = this.#byKey.get(key) ?? this.#addGroup(key, labels.account(session.id, session.account))
    group.sessions.push(session)
    this.#bySession.set(session.id, group)
    return group
  }

  laneOf(group: AccountGroup, tab: string, client: string): Lane {
    const key = JSON.stringify([group.key, tab, client])
    const found = this.#byClient.get(key)
    if (found !== undefined) return found
    const lane = { tab, client, flights: [], nested: [], flightsByWaitLines: Array(maxWaitLines + 1).fill(0) }
    group.lanes.push(lane)
    this.#byClient.set(key, lane)
    return lane
  }

  #addGroup(key: string, number: number): AccountGroup {
    const group = {
      key,
      number,
      sessions: [],
      lanes: [],
      storage: new Track(),
      events: new Track(),
    }
    this.#byKey.set(key, group)
    this.groups.push(group)
    return group
  }
}
