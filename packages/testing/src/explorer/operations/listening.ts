import { begin, subscribe } from '../actor.ts'
import { Thrown } from '../world.ts'
import { instant, type Operation } from './operation.ts'

/** What handlers do, besides listening. */
export const listening: readonly Operation[] = [
  instant('subscribe', 6, (world, actor) => subscribe(world, actor, () => {})),
  instant('refresh in handler', 6, (world, actor) =>
    subscribe(world, actor, async (event) => {
      if (event === 'TOKEN_REFRESHED' || event === 'SIGNED_IN') {
        let done: Promise<unknown> = Promise.resolve()
        begin(world, actor, 'refreshSession', () => (done = actor.auth.refreshSession()))
        await done
      }
    }),
  ),
  instant('get in handler', 6, (world, actor) =>
    subscribe(world, actor, () => begin(world, actor, 'getSession', () => actor.auth.getSession())),
  ),
  instant('sign out in handler', 6, (world, actor) =>
    subscribe(world, actor, (event) => {
      if (event === 'TOKEN_REFRESHED') begin(world, actor, 'signOut', () => actor.auth.signOut())
    }),
  ),
  instant('throw in handler', 6, (world, actor) =>
    subscribe(world, actor, (event) => {
      if (event !== 'INITIAL_SESSION') throw new Thrown()
      return Promise.reject(new Thrown())
    }),
  ),
  instant('hang in handler', 6, (world, actor) => subscribe(world, actor, () => new Promise(() => {}))),
  instant('dispose in handler', 6, (world, actor) =>
    subscribe(world, actor, (event) => {
      if (event !== 'INITIAL_SESSION') world.dispose(actor)
    }),
  ),
  instant('unsubscribe', 6, (_world, actor) => actor.unsubscribes.shift()?.()),
  instant('auto refresh off', 6, (_world, actor) => actor.auth.stopAutoRefresh()),
  instant('auto refresh on', 6, (_world, actor) => actor.auth.startAutoRefresh()),
]
