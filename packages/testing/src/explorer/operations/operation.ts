import type { Actor, GoTrueClient, OwnClient } from '../actor.ts'
import type { AwaitKind } from '../choices.ts'
import type { GoTrueContext } from '../../gotrue/context.ts'
import type { Dialect } from '../profiles.ts'
import type { World } from '../world.ts'

/** Something that an app, a user, a browser, a server or bad luck can do. */
export interface Operation {
  readonly name: string
  /** How often it is chosen beside others. */
  readonly weight: number
  /** What it can be waiting for, so that another one comes in between; nothing: it is over at once. */
  readonly awaits: readonly Awaiting[]
  /** Of worlds with which servers it is; absent: of all. */
  readonly dialect?: Dialect
  /** `choice`: 0 to 255, for what there is to choose in it. Where it cannot be done it does nothing. */
  do(world: World, actor: Actor, choice: number): void
}

/** `others`: for what somebody else has begun, such as a flight that it has joined. */
export type Awaiting = AwaitKind | 'others'

/** What is waited for by whoever may have to refresh. */
export const refreshing: readonly Awaiting[] = [
  'transaction',
  'commit',
  'digest',
  'lock',
  'request',
  'answer',
  'others',
]

/** What is waited for by whoever signs in without leaving the page. */
export const entering: readonly Awaiting[] = ['transaction', 'commit', 'digest', 'request', 'answer']

/** One that is over at once. */
export const instant = (name: string, weight: number, act: Operation['do']): Operation => ({
  name,
  weight,
  awaits: [],
  do: act,
})

/** What clients of the explorer's own provider do. */
export const inOwn = (
  act: (world: World, actor: Actor, choice: number, auth: OwnClient) => void,
): Pick<Operation, 'dialect' | 'do'> => ({
  dialect: 'own',
  do(world, actor, choice) {
    if (actor.own) act(world, actor, choice, actor.own)
  },
})

/** What clients of the `gotrue()` provider do, and their server. */
export const inGoTrue = (
  act: (world: World, actor: Actor, choice: number, auth: GoTrueClient, server: GoTrueContext) => void,
): Pick<Operation, 'dialect' | 'do'> => ({
  dialect: 'gotrue',
  do(world, actor, choice) {
    if (actor.gotrue && world.gotrue) act(world, actor, choice, actor.gotrue, world.gotrue)
  },
})
