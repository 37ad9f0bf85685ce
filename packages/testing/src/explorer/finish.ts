import { begin } from './actor.ts'
import type { End } from './history.ts'
import { shownBy } from './actor.ts'
import { letRest } from './rest.ts'
import type { World } from './world.ts'

/** Milliseconds after which nothing of a client may be left: its request limit, a store's, and what a claim's watcher adds. */
const hardLimit = 120_000

/** Milliseconds in which a notice has been heard, read and told. */
const notice = 200

/** Milliseconds a store has for one transaction. */
const storeLimit = 8_000

/** Milliseconds between two tries at a store that has failed, at most. */
const longestPause = 60_000

/** Heals the world, lets everybody find out how it is, looks, disposes of all and looks again. */
export async function finish(world: World): Promise<void> {
  heal(world)
  await settle(world, 0)
  // What a store has refused, or not answered in time, is asked of it again after a while, and may be owed to it.
  const mayHaveFailed = world.time.now >= storeLimit || world.history.facts.some(({ kind }) => kind === 'aborted')
  if (mayHaveFailed) await settle(world, longestPause)
  // Notices may have been lost: everybody is made to look, and asked. Where there are none, handlers may have changed something since.
  for (let looks = 0; looks < (world.setting.channels ? 1 : 2); looks += 1) {
    for (const tab of world.tabs) if (tab.isAlive) tab.signal('restored')
    for (const actor of world.actors) {
      if (!actor.isDisposed) begin(world, actor, 'getSession', () => actor.auth.getSession())
    }
    await settle(world, notice)
  }
  world.tell({ kind: 'end', end: look(world) })

  for (const actor of world.actors) if (!actor.isDisposed) world.dispose(actor)
  const until = world.time.now + hardLimit
  await letRest(world, (nextDue) => nextDue === null || nextDue > until)
  for (const tab of world.tabs) {
    if (!tab.isAlive) continue
    const left = {
      timers: tab.timers.size,
      channels: world.channels.openIn(tab),
      listeners: tab.watchers.size,
      locks: world.locks.heldBy(tab),
    }
    for (const [what, count] of Object.entries(left)) {
      if (count > 0) world.tell({ kind: 'left over', tab: tab.name, what, count })
    }
  }
}

function heal(world: World): void {
  world.deed('end begins')
  if (world.database.health !== 'well') {
    world.database.health = 'well'
    world.deed('store heals')
  }
  world.loseNotices(false)
  for (const tab of world.tabs) {
    if (!tab.isAlive) continue
    if (tab.isFrozen) {
      tab.isFrozen = false
      world.deed('resumed', tab)
      tab.signal('resumed')
    }
    if (tab.isOffline) {
      tab.isOffline = false
      world.deed('online', tab)
      tab.signal('online')
    }
  }
}

/** Until everybody who called has an answer, nothing waits, and so many milliseconds have passed in which that could change. */
async function settle(world: World, ms: number): Promise<void> {
  let until = world.time.now + ms
  const isWaiting = (): boolean => world.calls.some((call) => !call.settled && isHeard(world, call.tab))
  const done = await letRest(world, (nextDue) => {
    if (!isWaiting()) return nextDue === null || nextDue > until
    // Whatever they wait for, others hear of it afterwards.
    until = Math.max(until, (nextDue ?? 0) + notice)
    return false
  })
  if (done === null) {
    world.tell({ kind: 'stuck', calls: world.calls.filter((call) => !call.settled && isHeard(world, call.tab)) })
  }
}

const isHeard = ({ tabs }: World, name: string): boolean => tabs.some((tab) => tab.name === name && tab.isAlive)

function look(world: World): End {
  const { model, isActive } = world.authority
  return {
    stored: world.database.stored,
    active: [...model.refreshTokens.values()]
      .filter((token) => isActive(token))
      .map((token) => ({ token: token.id, session: token.session.id })),
    clients: world.actors
      .filter(({ isDisposed }) => !isDisposed)
      .map((actor) => {
        const shown = shownBy(world, actor.auth)
        return {
          tab: actor.tab.name,
          client: actor.name,
          status: actor.auth.getSnapshot().status,
          session: shown === 'unknown' ? null : shown,
        }
      }),
  }
}
