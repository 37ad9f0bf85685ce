import { begin } from '../actor.ts'
import { password } from '../gotrue-authority.ts'
import { canary } from '../leaks.ts'
import type { GoTrueContext } from '../../gotrue/context.ts'
import type { Letter } from '../../gotrue/mailbox.ts'
import type { UserRecord } from '../../gotrue/users.ts'
import { entering, inGoTrue, type Operation, refreshing } from './operation.ts'

/** An address that nobody has signed up with. */
const newAddress = ({ users }: GoTrueContext): string => `${canary}-user-${users.all.length + 1}@example.test`

/** Somebody who can be written to: mostly one of the two who are there from the beginning. */
function somebody({ users }: GoTrueContext, choice: number): UserRecord | undefined {
  const reachable = users.all.filter(({ email }) => email !== '')
  return reachable[choice % 4 === 3 ? choice % reachable.length : choice % 2]
}

/** A message whose code somebody gives: the newest, or now and then any, used or not. Where there is none good, another device asks for one. */
function letterFor(server: GoTrueContext, choice: number): Letter | undefined {
  const letters = server.mailbox.letters.filter(({ kind }) => kind !== 'reauthentication')
  if (choice % 4 === 3 && letters.length > 0) return letters[choice % letters.length]
  const good = letters.findLast(({ spent }) => !spent)
  if (good) return good
  const record = somebody(server, choice)
  if (record) server.mailbox.send({ kind: 'magiclink', record, to: record.email, redirectTo: null, challenge: null })
  return server.mailbox.letters.at(-1)
}

/** What only a GoTrue server has. */
export const gotrueOnly: readonly Operation[] = [
  {
    name: 'send code',
    weight: 12,
    awaits: ['transaction', 'commit', 'request', 'answer'],
    ...inGoTrue((world, actor, choice, auth, server) => {
      const email = choice % 8 === 7 ? newAddress(server) : (somebody(server, choice)?.email ?? '')
      begin(world, actor, 'send code', () => auth.signIn({ method: 'otp', email, createUser: choice % 16 !== 15 }), {
        whom: null,
      })
    }),
  },
  {
    name: 'verifyOtp',
    weight: 16,
    awaits: entering,
    ...inGoTrue((world, actor, choice, auth, server) => {
      const letter = letterFor(server, choice >> 1)
      if (!letter) return
      const { to: email, code, kind } = letter
      const token = choice % 16 === 15 ? `${canary}-wrong` : code
      const type = kind === 'email_change' ? kind : 'email'
      begin(world, actor, 'verifyOtp', () => auth.verifyOtp({ type, email, token, add: choice % 2 === 1 }), {
        whom: letter.record.login,
      })
    }),
  },
  {
    name: 'signUp',
    weight: 12,
    awaits: entering,
    ...inGoTrue((world, actor, choice, auth, server) => {
      const email = choice % 4 === 3 ? (somebody(server, choice)?.email ?? '') : newAddress(server)
      begin(world, actor, 'signUp', () => auth.signUp({ email, password, add: choice % 2 === 1 }), { whom: null })
    }),
  },
  {
    name: 'signIn anonymously',
    weight: 12,
    awaits: entering,
    ...inGoTrue((world, actor, choice, auth) =>
      begin(world, actor, 'signIn anonymously', () => auth.signIn({ method: 'anonymous', add: choice % 2 === 1 }), {
        whom: null,
      }),
    ),
  },
  {
    name: 'reauthenticate',
    weight: 14,
    awaits: refreshing,
    ...inGoTrue((world, actor, _choice, auth) => begin(world, actor, 'reauthenticate', () => auth.reauthenticate())),
  },
  {
    name: 'signOut everywhere',
    weight: 10,
    awaits: ['transaction', 'commit', 'digest', 'others', 'request', 'answer'],
    ...inGoTrue((world, actor, _choice, auth) =>
      begin(world, actor, 'signOut everywhere', () => auth.signOut({ scope: 'global' })),
    ),
  },
  {
    name: 'signOut others',
    weight: 14,
    awaits: refreshing,
    ...inGoTrue((world, actor, _choice, auth) =>
      begin(world, actor, 'signOut others', () => auth.signOut({ scope: 'others' })),
    ),
  },
  {
    name: 'ban',
    weight: 10,
    awaits: [],
    ...inGoTrue((world, _actor, choice, _auth, { users }) => {
      const user = users.all.find(({ banned }) => banned) ?? users.all[choice % users.all.length]
      if (!user) return
      user.banned = !user.banned
      world.deed(user.banned ? 'user banned' : 'ban lifted', null, { what: user.login })
    }),
  },
  {
    name: 'expire sessions',
    weight: 6,
    awaits: [],
    ...inGoTrue((world, _actor, _choice, _auth, { model }) => {
      for (const token of model.refreshTokens.values()) token.expiresAt = Math.min(token.expiresAt, world.serverNow())
      world.deed('refresh tokens expired')
    }),
  },
]

/** Changes of which some are refused: a new password that is the old one, and without a code where one is asked for. */
export function changesBy(server: GoTrueContext, choice: number) {
  const asked = server.mailbox.letters.findLast(({ kind, spent }) => kind === 'reauthentication' && !spent)
  if (choice % 4 === 3) return { password, ...(asked && { nonce: asked.code }) }
  if (choice % 4 === 2) return { email: newAddress(server) }
  return { data: { visits: choice } }
}
