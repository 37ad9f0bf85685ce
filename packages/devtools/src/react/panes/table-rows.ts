import { outcomeAt, reads } from '../../model/words.ts'
import { formatClock, formatCount, formatDuration } from '../../model/format.ts'
import { generationChange, lastStatus } from '../../model/generations.ts'
import { httpStatus, number, text } from '../../model/names.ts'
import { titleOf } from '../../model/describe.ts'
import type { RowTest } from '../../model/filter.ts'
import type { RecordModel } from '../../model/record-model.ts'
import { accountAt, type Names } from '../../model/whose.ts'

export type ColumnKey =
  | 'start'
  | 'what'
  | 'account'
  | 'tab'
  | 'outcome'
  | 'duration'
  | 'waiters'
  | 'generation'
  | 'http'
  | 'trigger'

interface Column {
  readonly key: ColumnKey
  readonly title: string
  readonly width: string
  readonly numeric?: boolean
  /** What is shown. */
  readonly cell: (model: RecordModel, row: number, names: Names) => string
  /** What is sorted by. */
  readonly value: (model: RecordModel, row: number, names: Names) => string | number
}

function lengthOf(model: RecordModel, row: number): number {
  return model.columns.endedAt[row]! - model.columns.startedAt[row]!
}

function own<T>(
  model: RecordModel,
  row: number,
  read: (flight: NonNullable<ReturnType<RecordModel['flightOf']>>) => T,
): T | null {
  const flight = model.flightOf(row)
  return flight?.row === row ? read(flight) : null
}

function waitersOf(model: RecordModel, row: number): number | null {
  const aggregate = number(model.columns.record(row).attributes, 'wait.count')
  return aggregate ?? own(model, row, (flight) => model.flights.waiterCount(flight))
}

function generationOf(model: RecordModel, row: number): string {
  const revision = number(model.columns.record(row).attributes, 'session.revision')
  return (
    own(model, row, (flight) => generationChange(model, flight)) ?? (revision === undefined ? '' : String(revision))
  )
}

function statusOf(model: RecordModel, row: number): number | null {
  return (
    own(model, row, (flight) => lastStatus(model, flight)) ?? httpStatus(model.columns.record(row).attributes) ?? null
  )
}

export const columns: readonly Column[] = [
  {
    key: 'start',
    title: 'Start',
    width: '112px',
    numeric: true,
    cell: (model, row) => formatClock(model.columns.startedAt[row]!),
    value: (model, row) => model.columns.startedAt[row]!,
  },
  { key: 'what', title: 'What', width: 'minmax(150px, 1.6fr)', cell: titleOf, value: titleOf },
  { key: 'account', title: 'Account', width: 'minmax(90px, 0.7fr)', cell: accountAt, value: accountAt },
  {
    key: 'tab',
    title: 'Tab',
    width: 'minmax(112px, 0.7fr)',
    cell: tabName,
    value: tabName,
  },
  {
    key: 'outcome',
    title: 'Outcome',
    width: 'minmax(110px, 1.2fr)',
    cell: (model, row) => reads(outcomeAt(model, row)),
    value: outcomeAt,
  },
  {
    key: 'duration',
    title: 'Duration',
    width: '84px',
    numeric: true,
    cell: (model, row) => {
      if (model.columns.record(row).kind === 'point') return ''
      const length = lengthOf(model, row)
      return length === Infinity ? 'open' : formatDuration(length)
    },
    value: lengthOf,
  },
  {
    key: 'waiters',
    title: 'Waiters',
    width: '76px',
    numeric: true,
    cell: (model, row) => {
      const waiters = waitersOf(model, row)
      return waiters === null ? '' : formatCount(waiters)
    },
    value: (model, row) => waitersOf(model, row) ?? -1,
  },
  {
    key: 'generation',
    title: 'Gen',
    width: '72px',
    numeric: true,
    cell: generationOf,
    value: (model, row) => Number.parseInt(generationOf(model, row), 10) || 0,
  },
  {
    key: 'http',
    title: 'HTTP',
    width: '60px',
    numeric: true,
    cell: (model, row) => String(statusOf(model, row) ?? ''),
    value: (model, row) => statusOf(model, row) ?? 0,
  },
  {
    key: 'trigger',
    title: 'Trigger',
    width: 'minmax(80px, 0.9fr)',
    cell: (model, row) => reads(text(model.columns.record(row).attributes, 'refresh.trigger') ?? ''),
    value: (model, row) => text(model.columns.record(row).attributes, 'refresh.trigger') ?? '',
  },
]

function tabName(model: RecordModel, row: number): string {
  const { tab, client } = model.columns.record(row)
  return model.labels.client(tab, client)
}

export type RowFilter = 'all' | 'flights' | 'problems'
export interface Sorting {
  readonly column: ColumnKey
  readonly descending: boolean
}

/** Rows of the columns in the order to show them. */
export function orderRows(
  model: RecordModel,
  filter: RowFilter,
  sorting: Sorting,
  test: RowTest | null,
  names: Names,
): number[] {
  const candidates = {
    all: () => Array.from({ length: model.columns.size }, (_, row) => row),
    flights: () => model.flights.all.map((flight) => flight.row),
    problems: () => [...model.problems],
  }[filter]()
  const rows = test === null ? candidates : candidates.filter((row) => test(model, row))
  const { value } = columns.find((column) => column.key === sorting.column)!
  const values = new Map(rows.map((row) => [row, value(model, row, names)]))
  const sign = sorting.descending ? -1 : 1
  const { startedAt } = model.columns
  return rows.sort((a, b) => sign * compare(values.get(a)!, values.get(b)!) || startedAt[a]! - startedAt[b]! || a - b)
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a - b
  return collator.compare(String(a), String(b))
}

const collator = new Intl.Collator('en', { numeric: true })
