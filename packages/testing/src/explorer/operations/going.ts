import { begin, dispose } from '../actor.ts'
import { instant, type Operation } from './operation.ts'

/** How somebody goes, and how a client, a tab or a whole browser does. */
export const going: readonly Operation[] = [
  {
    name: 'signOut',
    weight: 14,
    awaits: ['transaction', 'commit', 'digest', 'others'],
    do: (world, actor) => begin(world, actor, 'signOut', () => actor.auth.signOut()),
  },
  instant('abort', 6, (_world, actor, choice) => actor.signals[choice % Math.max(actor.signals.length, 1)]?.abort()),
  instant('dispose', 6, (world, actor) => dispose(world, actor)),
  instant('new client', 6, (world, actor) => {
    if (world.actors.filter(({ tab }) => tab === actor.tab).length < 4) world.join(actor.tab)
  }),
  instant('reload', 6, (world, actor) => {
    world.kill(actor.tab)
    world.join(world.open())
  }),
  instant('kill', 6, (world, actor) => {
    if (world.tabs.filter(({ isAlive }) => isAlive).length > 1) world.kill(actor.tab)
  }),
  instant('crash', 5, (world) => {
    const alive = world.tabs.filter(({ isAlive }) => isAlive)
    for (const tab of alive) world.kill(tab)
    world.deed(world.database.loseUnflushed() ? 'writes lost' : 'opened')
    for (let count = 0; count < alive.length; count += 1) world.join(world.open())
  }),
]
