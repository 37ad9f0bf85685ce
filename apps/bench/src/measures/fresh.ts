import { runAlone } from '../alone/task.ts'
import { type Client, limit, processClients } from '../clients/clients.ts'
import { ratios, type Spread, spread } from '../statistics.ts'

export interface FreshRow {
  readonly client: string
  /** Nanoseconds of processor time a call. */
  readonly cost: Spread
  /** By the limit of the same round. */
  readonly ratio: Spread
}

const rounds = 5
/** Milliseconds. */
const patience = 60_000

/** `ask` while the access token is good. In every round all clients have their turn. */
export async function measureFresh(): Promise<FreshRow[]> {
  const costs = new Map<Client, number[]>(processClients.map((client) => [client, []]))
  for (let round = 1; round <= rounds; round += 1) {
    for (const [client, so] of costs) {
      const { results } = await runAlone<number>({ measure: 'fresh', client }, patience)
      const [cost] = results
      if (cost === undefined) throw new Error(`${client.name} did not finish ${patience} ms of fresh sessions.`)
      so.push(cost)
    }
  }
  const bases = costs.get(limit) ?? []
  return [...costs].map(([client, so]) => ({
    client: client.name,
    cost: spread(so),
    ratio: spread(ratios(so, bases)),
  }))
}
