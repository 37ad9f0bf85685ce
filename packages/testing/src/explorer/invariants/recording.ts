import type { AuthRecord } from '@authflight/client'
import type { History } from '../history.ts'
import { deedsOf, type Invariant } from './invariant.ts'

export const endsOnce: Invariant = {
  promise: 6,
  name: 'every operation that is recorded begins once and ends once',
  *broken(history) {
    const killed = new Set(deedsOf(history, 'killed').map(({ fact }) => fact.tab))
    for (const [id, { tab, name, begun, ended }] of operationsIn(history)) {
      if (begun !== 1) yield `${name} ${id} of tab ${tab} began ${begun} times`
      if (ended > 1 || (ended === 0 && !killed.has(tab))) yield `${name} ${id} of tab ${tab} ended ${ended} times`
    }
  },
}

function operationsIn({ records }: History) {
  const operations = new Map<string, { tab: string; name: string; begun: number; ended: number }>()
  for (const { tab, record } of records) {
    if (record.kind === 'point') continue
    const known = operations.get(record.id) ?? { tab, name: record.name, begun: 0, ended: 0 }
    operations.set(record.id, known)
    if (record.endedAt === undefined) known.begun += 1
    else known.ended += 1
  }
  return operations
}

export const waitsAreLinked: Invariant = {
  promise: 6,
  name: 'a wait that is recorded points at the flight that it waited for',
  *broken({ records }) {
    const flights = new Map<string, AuthRecord>()
    for (const { record } of records) if (record.name === 'authflight.refresh') flights.set(record.id, record)
    for (const { tab, record } of records) {
      if (record.name !== 'authflight.wait' || record.endedAt === undefined) continue
      const flight = record.links.map(({ id }) => flights.get(id)).find((it) => it !== undefined)
      const id = 'authflight.flight.id'
      if (!flight || flight.attributes[id] !== record.attributes[id])
        yield `a wait of tab ${tab} is linked to no flight`
    }
  },
}
