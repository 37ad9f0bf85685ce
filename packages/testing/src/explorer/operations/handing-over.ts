import type { SessionTokens } from '@authflight/client'
import { type Actor, begin } from '../actor.ts'
import { mint } from '../authority.ts'
import { changesBy } from './gotrue.ts'
import type { World } from '../world.ts'
import { type Awaiting, type Operation, refreshing } from './operation.ts'

const asksUser: readonly Awaiting[] = refreshing

/** Sessions that come from outside or go there, and what is asked and changed about their user. */
export const handingOver: readonly Operation[] = [
  {
    name: 'exportSession',
    weight: 8,
    awaits: ['transaction', 'commit', 'others'],
    do: (world, actor) => exportSession(world, actor),
  },
  {
    // Current, a predecessor, or signed out: whatever has become of it since.
    name: 'setSession exported',
    weight: 12,
    awaits: refreshing,
    do(world, actor, choice) {
      const known = world.exported[(choice >> 2) % Math.max(world.exported.length, 1)]
      if (known) bringBack(world, actor, known, choice)
      else exportSession(world, actor, (tokens) => bringBack(world, actor, tokens, choice))
    },
  },
  {
    name: 'setSession foreign',
    weight: 6,
    awaits: refreshing,
    do(world, actor, choice) {
      const tokens = foreign(world, choice, world.serverNow() + 60_000)
      if (tokens)
        begin(
          world,
          actor,
          'setSession foreign',
          () => actor.auth.setSession(tokens, { add: choice % 4 < 2 }),
          whose(world, tokens),
        )
    },
  },
  {
    name: 'setSession expired',
    weight: 10,
    awaits: refreshing,
    do(world, actor, choice) {
      const tokens = foreign(world, choice, 0)
      if (tokens) begin(world, actor, 'setSession expired', () => actor.auth.setSession(tokens), whose(world, tokens))
    },
  },
  {
    name: 'getUser',
    weight: 6,
    awaits: asksUser,
    do: (world, actor) => begin(world, actor, 'getUser', () => actor.auth.getUser()),
  },
  {
    name: 'updateUser',
    weight: 6,
    awaits: asksUser,
    do: (world, actor, choice) =>
      begin(world, actor, 'updateUser', async () =>
        world.gotrue ? actor.gotrue?.updateUser(changesBy(world.gotrue, choice)) : actor.own?.updateUser(),
      ),
  },
]

function exportSession(world: World, actor: Actor, then: (tokens: SessionTokens) => void = () => {}): void {
  begin(world, actor, 'exportSession', async () => {
    const { data, error } = await actor.auth.exportSession()
    if (data.tokens) {
      world.exported.push(data.tokens)
      then(data.tokens)
    }
    return { data, error }
  })
}

function whose({ authority }: World, { accessToken }: SessionTokens) {
  const brought = authority.sessionOf(accessToken)
  return { whom: brought?.user.login ?? null, brings: brought?.id ?? null }
}

/** Now and then the app's storage was cleared meanwhile, and it comes with tokens that only the server knows, and whose time is over. */
function bringBack(world: World, actor: Actor, tokens: SessionTokens, choice: number): void {
  if (choice % 2 === 1) {
    world.database.clear()
    world.deed('store cleared')
    world.sleep(601_000)
  }
  begin(world, actor, 'setSession exported', () => actor.auth.setSession(tokens), whose(world, tokens))
}

/** Tokens of a session that one of the users has begun somewhere else. */
function foreign({ authority }: World, choice: number, expiresAt: number): SessionTokens | null {
  const user = authority.users[choice % authority.users.length]
  if (!user) return null
  const { access, refresh } = mint(authority, user)
  return { accessToken: access, refreshToken: refresh, expiresAt }
}
