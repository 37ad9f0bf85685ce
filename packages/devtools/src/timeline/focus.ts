import { Cost } from '../model/cost.ts'
import type { Flight } from '../model/flights.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { SpanColumns } from '../model/span-columns.ts'
import type { Step, Verdict } from '../verdicts/verdict.ts'
import type { RowTest } from '../model/filter.ts'
import type { TimelineView } from './view.ts'

/** What the eye is led to: the rest is dimmed, steps are numbered, marked times have a line. */
export interface Focus {
  /** 1 for each row that is not meant; `null` where all are. */
  readonly dimmed: Uint8Array | null
  /** The rows that are meant, sorted by start; empty where all are. */
  readonly meant: readonly number[]
  readonly steps: readonly Step[]
  /** Index of the step that is looked at. */
  readonly current: number
  readonly markers: readonly number[]
}

const noFocus: Focus = { dimmed: null, meant: [], steps: [], current: 0, markers: [] }

/** While records stream in, what is meant is looked at anew this often, or where that takes long less often; milliseconds. */
const lookAgain = 250

/** Finds the rows that a filter or an incident means, and remembers them until something changes. */
export class Focuser {
  #of: { columns: SpanColumns; size: number; filter: RowTest | null; race: Verdict | null; at: number } | null = null
  readonly #cost = new Cost()
  #rows: Pick<Focus, 'dimmed' | 'meant'> = noFocus

  read(view: TimelineView, now: number): Focus {
    const { model, filter, race, markers, step } = view
    const rows = filter === null && race === null ? noFocus : this.#find(model, filter, race, now)
    return { ...rows, steps: race?.steps ?? [], current: step, markers }
  }

  #find(
    model: RecordModel,
    filter: RowTest | null,
    race: Verdict | null,
    now: number,
  ): Pick<Focus, 'dimmed' | 'meant'> {
    const { columns } = model
    const held = this.#of
    const isSame = held?.columns === columns && held.filter === filter && held.race === race
    if (isSame && (held.size === columns.size || now - held.at < this.#cost.pause(lookAgain))) return this.#rows
    const end = this.#cost.measure()
    const isMeant = race === null ? filter! : isPartOf(model, race)
    const dimmed = new Uint8Array(columns.startedAt.length)
    const meant: number[] = []
    for (let row = 0; row < columns.size; row++) {
      if (isMeant(model, row)) meant.push(row)
      else dimmed[row] = 1
    }
    meant.sort((a, b) => columns.startedAt[a]! - columns.startedAt[b]!)
    this.#of = { columns, size: columns.size, filter, race, at: now }
    this.#rows = { dimmed, meant }
    end()
    return this.#rows
  }
}

/** The records of its steps, and all that belongs to the flights among them. */
function isPartOf(model: RecordModel, { steps }: Verdict): RowTest {
  const rows = new Set(steps.map(({ record }) => model.columns.rowOf(record)))
  const flights = new Set<Flight | undefined>(
    [...rows].map((row) => (row === undefined ? undefined : model.flightOf(row))),
  )
  flights.delete(undefined)
  return (_, row) => rows.has(row) || flights.has(model.flightOf(row))
}
