import { begin } from '../actor.ts'
import { authorize, users } from '../authority.ts'
import type { TestUser } from '../../model/session.ts'
import type { Callback, World } from '../world.ts'
import { inOwn, type Operation } from './operation.ts'

const app = 'https://app.explorer.test/'

/** Where a sign-in comes back to, and who has signed in there: each time with the same code, as a reload of it does. */
function callbackOf({ returned, authority }: World, state: string, user: TestUser): Callback {
  const callback = returned.get(state) ?? {
    url: `${app}?state=${state}&code=${authorize(authority, user)}`,
    whom: user.login,
  }
  returned.set(state, callback)
  return callback
}

/** How somebody comes: a sign-in leaves the page and comes back to it, or to a new one, well or not. */
export const coming: readonly Operation[] = [
  {
    name: 'signIn',
    weight: 18,
    awaits: ['transaction', 'commit', 'request', 'answer'],
    ...inOwn((world, actor, _choice, auth) =>
      begin(world, actor, 'signIn', async () => {
        const result = await auth.signIn()
        if (result.data.url !== null) actor.departed.push(new URL(result.data.url).searchParams.get('state') ?? '')
        return { error: result.error }
      }),
    ),
  },
  {
    name: 'handleRedirect',
    weight: 26,
    awaits: ['transaction', 'commit', 'digest', 'request', 'answer', 'others'],
    ...inOwn((world, actor, choice, auth) => {
      // It may come back to another client than the one that it has left.
      const { departed } = [actor, ...world.actors].find((one) => one.departed.length > 0) ?? actor
      // Now and then nobody has begun what comes back.
      const state = choice % 8 === 7 ? 'state0' : departed[choice % Math.max(departed.length, 1)]
      const user = users[(choice >> 3) % 3 === 2 ? 1 : 0]
      if (state === undefined || !user) return
      // Now and then the same callback comes twice, as a reload of it does.
      if (choice % 5 !== 0 && departed.includes(state)) departed.splice(departed.indexOf(state), 1)
      const { url, whom } = callbackOf(world, state, user)
      begin(world, actor, 'handleRedirect', () => auth.handleRedirect(url), { whom })
    }),
  },
  {
    name: 'handleRedirect denied',
    weight: 8,
    awaits: ['transaction', 'commit', 'others'],
    ...inOwn((world, actor, choice, auth) => {
      const state = choice % 4 === 3 ? 'state0' : actor.departed.shift()
      if (state === undefined) return
      // Who was let in by the same sign-in is who is there.
      const asked = world.returned.has(state) ? { whom: null } : {}
      begin(
        world,
        actor,
        'handleRedirect denied',
        () => auth.handleRedirect(`${app}?state=${state}&error=access_denied`),
        asked,
      )
    }),
  },
  {
    name: 'come back',
    weight: 6,
    awaits: [],
    ...inOwn((world, actor, choice) => {
      const state = actor.departed.shift()
      const user = users[choice % 2]
      if (state === undefined || !user) return
      world.kill(actor.tab)
      world.join(world.open(callbackOf(world, state, user).url))
    }),
  },
]
