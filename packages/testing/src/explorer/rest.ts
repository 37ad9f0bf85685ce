import { turn } from './turn.ts'
import type { World } from './world.ts'

/** More decisions than any run needs to come to rest: who needs more goes round in circles. */
const most = 30_000

/**
 * Lets everything that waits go well and in its order, and time pass when nothing else waits, until `isEnough`, which is asked whenever
 * nothing waits: `nextDue` is when the next timer fires, null where there is none. Gives how many decisions that took; null where it
 * came to no rest.
 */
export async function letRest(world: World, isEnough: (nextDue: number | null) => boolean): Promise<number | null> {
  const { choices, time } = world
  for (let decisions = 0; decisions < most; decisions += 1) {
    await turn()
    const next = choices.eligible()[0]
    if (next) {
      choices.take(next, null)
      continue
    }
    const timer = time.eligible()[0]
    if (isEnough(timer?.due ?? null)) return decisions
    if (!timer) return null
    timer.fire()
  }
  return null
}
