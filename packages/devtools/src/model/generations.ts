import type { Flight } from './flights.ts'
import { httpStatus, number, text } from './names.ts'
import type { RecordModel } from './record-model.ts'
import type { Generation } from './sessions.ts'

/** `7 → 8`, or `7` where nothing new was committed; `null` where no revision was told. */
export function generationChange(model: RecordModel, flight: Flight): string | null {
  const used = number(model.columns.record(flight.row).attributes, 'session.revision')
  if (used === undefined) return null
  const made = newRevision(model, flight)
  return made === undefined ? String(used) : `${used} → ${made}`
}

function newRevision(model: RecordModel, flight: Flight): number | undefined {
  if (flight.commit >= 0) return number(model.columns.record(flight.commit).attributes, 'session.revision')
  const outcome = text(model.columns.record(flight.row).attributes, 'refresh.outcome')
  return outcome === 'adopted' ? adoptedGeneration(model, flight)?.revision : undefined
}

/** The newest generation of its session when the flight ended; `null` where that is the one it began with. */
export function adoptedGeneration(model: RecordModel, flight: Flight): Generation | null {
  const { attributes, endedAt = Infinity } = model.columns.record(flight.row)
  const session = model.sessions.all.get(text(attributes, 'session.id') ?? '')
  const generation = session?.generations.findLast(({ from }) => from <= endedAt)
  return generation !== undefined && generation.revision > (number(attributes, 'session.revision') ?? 0)
    ? generation
    : null
}

/** What the server answered last, as an HTTP status. */
export function lastStatus(model: RecordModel, flight: Flight): number | null {
  const request = flight.requests.at(-1)
  return request === undefined ? null : (httpStatus(model.columns.record(request).attributes) ?? null)
}
