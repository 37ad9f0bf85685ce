import { setImmediate } from 'node:timers/promises'
import type { Client } from '../clients/clients.ts'
import type { Subject } from '../clients/subject.ts'
import { latency } from '../server.ts'
import { median } from '../statistics.ts'
import { cpuTime, createWorld, type World } from './world.ts'

/** What a storm came to: so many callers at one instant, all with an access token that has run out. */
export interface StormResult {
  readonly waiters: number
  readonly requests: number
  /** Callers that got an access token. */
  readonly served: number
  /** Milliseconds of processor time. */
  readonly cpu: number
  /** Milliseconds from the first call to the last answer, the server's latency taken off. */
  readonly wall: number
  /** Bytes that one waiting caller holds. */
  readonly heap: number
}

/** Measures a storm of each size, and tells each result when it is there. */
export async function measureStorms(
  client: Client,
  sizes: readonly number[],
  tell: (result: StormResult) => void,
): Promise<void> {
  const world = await createWorld(client)
  for (let i = 0; i < 10; i += 1) await timeStorm(world, 200)
  for (const waiters of sizes) {
    // One small storm is shorter than the grain of the clock.
    const storms: Timed[] = []
    for (let i = 0; i < Math.max(1, Math.min(10, 20_000 / waiters)); i += 1)
      storms.push(await timeStorm(world, waiters))
    const heap = await weighStorm(world, waiters)
    tell({
      waiters,
      requests: Math.max(...storms.map(({ requests }) => requests)),
      served: Math.min(...storms.map(({ served }) => served)),
      cpu: median(storms.map(({ cpu }) => cpu)),
      wall: median(storms.map(({ wall }) => wall)),
      heap,
    })
  }
}

type Timed = Omit<StormResult, 'waiters' | 'heap'>

async function timeStorm({ server, subject, begin }: World, waiters: number): Promise<Timed> {
  await begin('expired')
  globalThis.gc?.()
  const before = server.count('refresh_token')
  const [cpuBegun, begun] = [cpuTime(), performance.now()]
  const served = await askAtOnce(subject, waiters)
  const [wall, cpu] = [performance.now() - begun - latency, cpuTime() - cpuBegun]
  return { cpu, wall, served, requests: server.count('refresh_token') - before }
}

/** How many of so many callers get a token. It adds next to nothing of its own to what a caller costs. */
function askAtOnce(subject: Subject, callers: number): Promise<number> {
  return new Promise((resolve) => {
    let [left, served] = [callers, 0]
    const leave = (): void => {
      left -= 1
      if (left === 0) resolve(served)
    }
    const answered = (answer: unknown): void => {
      if (subject.tokenOf(answer as never) !== null) served += 1
      leave()
    }
    for (let i = 0; i < callers; i += 1) void subject.ask().then(answered, leave)
  })
}

/** The live heap while all wait and the server has the request, less what was there before. */
async function weighStorm({ server, subject, begin }: World, waiters: number): Promise<number> {
  await begin('expired')
  const gate = server.hold({ grant: 'refresh_token' })
  const before = weighHeap()
  const asked = askAtOnce(subject, waiters)
  await gate.arrived
  // Callers that queue for a lock are still on their way.
  await setImmediate()
  const heap = (weighHeap() - before) / waiters
  gate.release()
  await asked
  return heap
}

function weighHeap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
