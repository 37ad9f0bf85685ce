import type { AuthAccount } from '@authflight/client'
import { type Actor, begin, shownBy } from '../actor.ts'
import { users } from '../authority.ts'
import type { World } from '../world.ts'
import { type Operation, refreshing } from './operation.ts'

/** One of the accounts that somebody has seen. */
function accountOf(world: World, { auth }: Actor, choice: number): { id: string; place: AuthAccount } | null {
  const known = [...world.accounts]
  const id = known[choice % Math.max(known.length, 1)]
  return id === undefined ? null : { id, place: auth.account(id) }
}

/** Several accounts at once: each is asked for by itself, whoever is shown. */
export const several: readonly Operation[] = [
  {
    name: 'switchTo',
    weight: 8,
    awaits: ['transaction', 'commit', 'others'],
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (account) begin(world, actor, 'switchTo', () => actor.auth.switchTo(account.id))
    },
  },
  {
    name: 'signIn beside',
    weight: 6,
    awaits: ['transaction', 'commit', 'digest', 'request', 'answer'],
    do(world, actor, choice) {
      const login = users[choice % 3 === 0 ? 0 : 1]?.login ?? ''
      begin(world, actor, 'signIn beside', () => actor.auth.signIn({ login, add: true }))
    },
  },
  {
    name: 'signIn at once',
    weight: 8,
    awaits: ['transaction', 'commit', 'digest', 'request', 'answer'],
    do(world, actor, choice) {
      const login = users[choice % 3 === 0 ? 1 : 0]?.login ?? ''
      begin(world, actor, 'signIn at once', () => actor.auth.signIn({ login }))
    },
  },
  {
    name: 'signIn refused',
    weight: 2,
    awaits: ['transaction', 'commit', 'request', 'answer'],
    do: (world, actor) => begin(world, actor, 'signIn refused', () => actor.auth.signIn({ login: 'nobody' })),
  },
  {
    name: 'account refreshSession',
    weight: 6,
    awaits: refreshing,
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (!account) return
      const about = shownBy(world, account.place)
      begin(world, actor, 'account refreshSession', () => account.place.refreshSession(), about)
    },
  },
  {
    name: 'account getSession',
    weight: 4,
    awaits: refreshing,
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (!account) return
      const about = shownBy(world, account.place)
      begin(world, actor, 'account getSession', () => account.place.getSession(), about)
    },
  },
  {
    name: 'account signOut',
    weight: 4,
    awaits: ['transaction', 'commit', 'digest', 'others'],
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (!account) return
      const about = shownBy(world, account.place)
      begin(world, actor, 'account signOut', () => account.place.signOut(), about)
    },
  },
  {
    name: 'accounts',
    weight: 2,
    awaits: ['transaction', 'commit'],
    do: (world, actor) => begin(world, actor, 'accounts', () => actor.auth.accounts()),
  },
]
