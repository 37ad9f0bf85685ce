import type { StormResult } from '../alone/storm.ts'
import { runAlone } from '../alone/task.ts'
import { limit, processClients } from '../clients/clients.ts'
import { ratios, type Spread, spread } from '../statistics.ts'

export const stormSizes = [1, 100, 10_000, 100_000] as const

/** The storms of one size and one client. */
export interface StormRow {
  readonly client: string
  readonly waiters: number
  /** Null where a round did not end within the patience. */
  readonly result: StormFigures | null
}

export interface StormFigures {
  /** The most of any round. */
  readonly requests: number
  /** Callers that got a token: the fewest of any round. */
  readonly served: number
  readonly cpu: Measured
  readonly wall: Measured
  readonly heap: Measured
}

export interface Measured {
  readonly value: Spread
  /** By the limit of the same round. */
  readonly ratio: Spread
}

export const stormRounds = 3
/** Milliseconds that one size may take. */
export const stormPatience = 30_000

/** In every round all clients have their turn. A size that a client did not finish is not tried again. */
export async function measureStorm(): Promise<StormRow[]> {
  const storms = processClients.map((client) => ({
    client,
    sizes: [...stormSizes] as number[],
    told: [] as StormResult[],
  }))
  for (let round = 1; round <= stormRounds; round += 1) {
    for (const storm of storms) {
      const { client, sizes } = storm
      const { results } = await runAlone<StormResult>({ measure: 'storm', client, sizes }, stormPatience)
      storm.told.push(...results)
      storm.sizes = sizes.slice(0, results.length)
    }
  }
  const base = storms.find(({ client }) => client === limit)?.told ?? []
  return stormSizes.flatMap((waiters) => {
    const ofSize = (told: readonly StormResult[]) => told.filter((result) => result.waiters === waiters)
    return storms.map(({ client, told }) => ({
      client: client.name,
      waiters,
      result: summarizeStorms(ofSize(told), ofSize(base)),
    }))
  })
}

/** What the rounds of one size came to; null where one of them is missing. `base`: the limit's. */
export function summarizeStorms(told: readonly StormResult[], base: readonly StormResult[]): StormFigures | null {
  if (told.length < stormRounds) return null
  const measure = (read: (result: StormResult) => number): Measured => ({
    value: spread(told.map(read)),
    ratio: spread(ratios(told.map(read), base.map(read))),
  })
  return {
    requests: Math.max(...told.map(({ requests }) => requests)),
    served: Math.min(...told.map(({ served }) => served)),
    cpu: measure(({ cpu }) => cpu),
    wall: measure(({ wall }) => wall),
    heap: measure(({ heap }) => heap),
  }
}
