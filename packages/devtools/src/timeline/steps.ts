import { partsOf, sessionEndDuring } from '../model/flight-parts.ts'
import type { Verdict } from '../verdicts/verdict.ts'
import type { TimelineView } from './view.ts'

/** Forth or back in time. */
export type Direction = 1 | -1

/** Selects the problem after or before the selected record, or the last one. */
export function stepProblem(view: TimelineView, direction: Direction): void {
  step(view, view.model.problems, direction)
}

/** Selects what tells of the incident after or before, of all of them, newest first. */
export function stepIncident(view: TimelineView, incidents: readonly Verdict[], direction: Direction): void {
  const rows = incidents.map(({ record }) => view.model.columns.rowOf(record)).filter((row) => row !== undefined)
  step(view, rows.reverse(), direction)
}

/** Selects the flight after or before the selected record. */
export function stepFlight(view: TimelineView, direction: Direction): void {
  const rows = view.model.flights.all.map(({ row }) => row)
  step(view, rows, direction)
}

/** Selects what led to the selected part of a refresh, or what came of it. */
export function stepPart(view: TimelineView, direction: Direction): void {
  const { model, selected } = view
  const row = model.columns.rowOf(selected)
  if (row === undefined) return
  const flight = model.flightOf(row) ?? model.flights.all.findLast((each) => sessionEndDuring(model, each) === row)
  if (flight !== undefined) step(view, partsOf(model, flight), direction)
}

/** Of rows in order of time. */
function step(view: TimelineView, rows: readonly number[], direction: Direction): void {
  const { columns } = view.model
  const selected = columns.rowOf(view.selected)
  const at = selected === undefined ? -1 : rows.indexOf(selected)
  const time = selected === undefined ? Infinity * -direction : columns.startedAt[selected]!
  const next =
    at >= 0
      ? rows[at + direction]
      : direction > 0
        ? rows.find((row) => columns.startedAt[row]! > time)
        : rows.findLast((row) => columns.startedAt[row]! < time)
  if (next !== undefined) view.reveal(columns.record(next).id)
}
