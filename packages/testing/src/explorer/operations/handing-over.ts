import type { SessionTokens } from '@authflight/client'
import { begin } from '../actor.ts'
import { users } from '../authority.ts'
import { type Awaiting, type Operation, refreshing } from './operation.ts'

const asksUser: readonly Awaiting[] = refreshing

/** Sessions that come from outside or go there, and what is asked and changed about their user. */
export const handingOver: readonly Operation[] = [
  {
    name: 'exportSession',
    weight: 5,
    awaits: ['transaction', 'commit', 'others'],
    do: (world, actor) =>
      begin(world, actor, 'exportSession', async () => {
        const { data, error } = await actor.auth.exportSession()
        if (data.tokens) world.exported.push(data.tokens)
        return { error }
      }),
  },
  {
    // Current, a predecessor, or signed out: whatever has become of it since.
    name: 'setSession exported',
    weight: 6,
    awaits: refreshing,
    do(world, actor, choice) {
      const tokens = world.exported[choice % Math.max(world.exported.length, 1)]
      if (tokens) begin(world, actor, 'setSession exported', () => actor.auth.setSession(tokens))
    },
  },
  {
    name: 'setSession foreign',
    weight: 4,
    awaits: refreshing,
    do(world, actor, choice) {
      const tokens = foreign(world.authority.mint(users[choice % 2] ?? nobody), world.serverNow() + 60_000)
      if (tokens)
        begin(world, actor, 'setSession foreign', () => actor.auth.setSession(tokens, { add: choice % 4 < 2 }))
    },
  },
  {
    name: 'setSession expired',
    weight: 4,
    awaits: refreshing,
    do(world, actor, choice) {
      const tokens = foreign(world.authority.mint(users[choice % 2] ?? nobody), 0)
      if (tokens) begin(world, actor, 'setSession expired', () => actor.auth.setSession(tokens))
    },
  },
  {
    name: 'getUser',
    weight: 5,
    awaits: asksUser,
    do: (world, actor) => begin(world, actor, 'getUser', () => actor.auth.getUser()),
  },
  {
    name: 'updateUser',
    weight: 5,
    awaits: asksUser,
    do: (world, actor) => begin(world, actor, 'updateUser', () => actor.auth.updateUser()),
  },
]

const nobody = { login: 'nobody', sub: '', name: '', email: '' }

const foreign = (
  minted: { readonly access: string; readonly refresh: string | null } | null,
  expiresAt: number,
): SessionTokens | null => minted && { accessToken: minted.access, refreshToken: minted.refresh, expiresAt }
