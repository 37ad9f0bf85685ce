import type { Actor } from '../actor.ts'
import type { AwaitKind } from '../choices.ts'
import type { World } from '../world.ts'

/** Something that an app, a user, a browser, a server or bad luck can do. */
export interface Operation {
  readonly name: string
  /** How often it is chosen beside others. */
  readonly weight: number
  /** What it can be waiting for, so that another one comes in between; nothing: it is over at once. */
  readonly awaits: readonly Awaiting[]
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

/** One that is over at once. */
export const instant = (name: string, weight: number, act: Operation['do']): Operation => ({
  name,
  weight,
  awaits: [],
  do: act,
})
