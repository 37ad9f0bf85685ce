import type { AuthAccount } from '@authflight/client'
import { type Actor, begin, shownBy } from '../actor.ts'
import { users } from '../authority.ts'
import { password } from '../gotrue-authority.ts'
import { canary } from '../leaks.ts'
import type { World } from '../world.ts'
import { entering, type Operation, refreshing } from './operation.ts'

/** One of the accounts that somebody has seen. */
function accountOf(world: World, { auth }: Actor, choice: number): { id: string; place: AuthAccount } | null {
  const known = [...world.accounts]
  const id = known[choice % Math.max(known.length, 1)]
  return id === undefined ? null : { id, place: auth.account(id) }
}

/** Signs in without leaving the page, with what that user knows. */
export async function signInAs(world: World, { own, gotrue }: Actor, login: string, add: boolean): Promise<unknown> {
  if (own) return own.signIn({ login, add })
  const email = world.authority.users.find((user) => user.login === login)?.email ?? `${canary}-nobody@example.test`
  return gotrue?.signIn({ method: 'password', email, password, add })
}

/** Several accounts at once: each is asked for by itself, whoever is shown. */
export const several: readonly Operation[] = [
  {
    name: 'switchTo',
    weight: 8,
    awaits: ['transaction', 'commit', 'others'],
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (!account) return
      const about = shownBy(world, account.place)
      begin(world, actor, 'switchTo', () => actor.auth.switchTo(account.id), { about })
    },
  },
  {
    name: 'signIn beside',
    weight: 6,
    awaits: entering,
    do(world, actor, choice) {
      const login = users[choice % 3 === 0 ? 0 : 1]?.login ?? ''
      begin(world, actor, 'signIn beside', () => signInAs(world, actor, login, true), { whom: login })
    },
  },
  {
    name: 'signIn at once',
    weight: 8,
    awaits: entering,
    do(world, actor, choice) {
      const login = users[choice % 3 === 0 ? 1 : 0]?.login ?? ''
      begin(world, actor, 'signIn at once', () => signInAs(world, actor, login, false), { whom: login })
    },
  },
  {
    name: 'signIn refused',
    weight: 6,
    awaits: ['transaction', 'commit', 'request', 'answer'],
    do: (world, actor) => begin(world, actor, 'signIn refused', () => signInAs(world, actor, 'nobody', false)),
  },
  {
    name: 'account refreshSession',
    weight: 8,
    awaits: refreshing,
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (!account) return
      const about = shownBy(world, account.place)
      begin(world, actor, 'account refreshSession', () => account.place.refreshSession(), { about })
    },
  },
  {
    name: 'account getSession',
    weight: 14,
    awaits: refreshing,
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (!account) return
      const about = shownBy(world, account.place)
      begin(world, actor, 'account getSession', () => account.place.getSession(), { about })
    },
  },
  {
    name: 'account signOut',
    weight: 6,
    awaits: ['transaction', 'commit', 'digest', 'others'],
    do(world, actor, choice) {
      const account = accountOf(world, actor, choice)
      if (!account) return
      const about = shownBy(world, account.place)
      begin(world, actor, 'account signOut', () => account.place.signOut(), { about })
    },
  },
  {
    name: 'accounts',
    weight: 6,
    awaits: ['transaction', 'commit'],
    do: (world, actor) => begin(world, actor, 'accounts', () => actor.auth.accounts()),
  },
]
