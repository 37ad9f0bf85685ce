import type { AuthRecord } from '@authflight/client'
import { errorType, httpStatus, number, recordNames, text } from './names.ts'
import type { RecordModel } from './record-model.ts'
import { type Names, sessionAt } from './whose.ts'
import { nameOf, outcomeAt } from './words.ts'

/** Whether a row is one of those looked for. */
export type RowTest = (model: RecordModel, row: number) => boolean

export interface Filter {
  /** `null` where nothing is looked for. */
  readonly test: RowTest | null
  /** What was not understood, in words; `null` where all was. */
  readonly problem: string | null
}

type Read<T> = (model: RecordModel, record: AuthRecord, row: number, names?: Names) => T | undefined

/** What can be asked for, and how it is read from a row. Text is compared by its beginning, without case. */
const texts: Readonly<Record<string, Read<string | readonly string[]>>> = {
  outcome: (model, _, row) => outcomeAt(model, row).replaceAll(' ', '_'),
  is: (_, record) => record.name.replace(/^authflight\.(record\.)?/, ''),
  tab: (model, record) => model.labels.tabLetter(record.tab),
  account(model, _, row, names) {
    const session = sessionAt(model, row)
    if (session === undefined) return undefined
    const number = String(model.labels.account(session.id, session.account))
    // Words of a query have no spaces.
    const name = names?.account(session.id, session.account).replace(/\s+/g, '_')
    return name === undefined ? number : [number, name]
  },
  error: (_, record) => errorType(record.attributes),
  trigger: (_, record) => text(record.attributes, 'refresh.trigger'),
  reason: (_, record) => text(record.attributes, 'session_end.reason') ?? text(record.attributes, 'discard.reason'),
  kind: (_, record) => text(record.attributes, 'contention.kind'),
  trace: (_, record) => record.traceId,
}

/** Names are compared as a whole: tab A is not tab AA, account 1 not account 10. */
const whole = ['tab', 'account']

const numbers: Readonly<Record<string, Read<number>>> = {
  /** Milliseconds. */
  dur: ({ columns }, record, row) =>
    record.kind === 'point' ? undefined : columns.endedAt[row]! - columns.startedAt[row]!,
  gen(model, record, row) {
    const flight = model.flightOf(row)?.row ?? row
    return (
      number(record.attributes, 'session.revision') ??
      number(model.columns.record(flight).attributes, 'session.revision')
    )
  },
  http: (_, record) => httpStatus(record.attributes),
  waiters: (model, _, row) => {
    const flight = model.flightOf(row)
    return flight?.row === row ? model.flights.waiterCount(flight) : undefined
  },
  flight: (model, _, row) => model.flightOf(row)?.number,
}

const term = /^([a-z]+)(:|>=|<=|>|<|=)(.*)$/

/**
 * `outcome:discarded tab:B dur>200 gen:7`: all have to hold; a word without a key is looked for in names and outcomes; a minus in
 * front turns a term round.
 */
export function parseFilter(query: string, names?: Names): Filter {
  const words = query
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  const parsed = words.map((word) => parseTerm(word, names))
  const problem = parsed.find((part): part is string => typeof part === 'string') ?? null
  const tests = parsed.filter((part): part is RowTest => typeof part === 'function')
  return { test: tests.length === 0 ? null : (model, row) => tests.every((test) => test(model, row)), problem }
}

function parseTerm(word: string, names: Names | undefined): RowTest | string {
  if (word.startsWith('-') && word.length > 1) {
    const inner = parseTerm(word.slice(1), names)
    return typeof inner === 'string' ? inner : (model, row) => !inner(model, row)
  }
  const [, key, operator, wanted] = term.exec(word) ?? []
  if (key === undefined || wanted === undefined) return anywhere(word)
  const readText = Object.hasOwn(texts, key) ? texts[key] : undefined
  if (readText !== undefined) {
    if (operator !== ':' && operator !== '=') return `${key} is compared with ${key}:…`
    const holds = (value: string) =>
      whole.includes(key) && wanted !== '' ? value === wanted : value.startsWith(wanted)
    return (model, row) =>
      [readText(model, model.columns.record(row), row, names) ?? []].flat().some((value) => holds(value.toLowerCase()))
  }
  const readNumber = Object.hasOwn(numbers, key) ? numbers[key] : undefined
  if (readNumber === undefined) return `There is no “${key}”. Try ${filterKeys.join(', ')}.`
  const limit = Number(wanted)
  if (wanted === '' || Number.isNaN(limit)) return `${key} takes a number.`
  return (model, row) => {
    const value = readNumber(model, model.columns.record(row), row)
    return value !== undefined && compare(value, operator!, limit)
  }
}

const filterKeys: readonly string[] = [...Object.keys(texts), ...Object.keys(numbers)]

/** Whole queries that the last word may become, for the completion of an input. */
export function completeFilter(query: string, model: RecordModel, names?: Names): string[] {
  const at = query.search(/[^\s-]\S*$|$/)
  const [before, last] = [query.slice(0, at), query.slice(at)]
  const [, key, , wanted = ''] = term.exec(last) ?? []
  if (key === undefined) {
    return filterKeys
      .filter((candidate) => candidate.startsWith(last))
      .map((candidate) => `${before}${candidate}${Object.hasOwn(numbers, candidate) ? '>' : ':'}`)
  }
  return valuesOf(key, model, names)
    .filter((value) => value.toLowerCase().startsWith(wanted.toLowerCase()) && value !== wanted)
    .map((value) => `${before}${key}:${value}`)
}

/** Values that were met, at most a dozen; the newest rows are enough to know them. */
function valuesOf(key: string, model: RecordModel, names: Names | undefined): string[] {
  if (key === 'is') return recordNames.map((name) => name.replace(/^authflight\.(record\.)?/, ''))
  const read = Object.hasOwn(texts, key) && key !== 'trace' ? texts[key] : undefined
  if (read === undefined) return []
  const { columns } = model
  const found = new Set<string>()
  for (let row = columns.size - 1; row >= Math.max(0, columns.size - 2_000) && found.size < 12; row--) {
    for (const value of [read(model, columns.record(row), row, names) ?? []].flat())
      if (/^\S+$/.test(value)) found.add(value)
  }
  return [...found].sort()
}

function anywhere(word: string): RowTest {
  return (model, row) => {
    const record = model.columns.record(row)
    return `${record.name} ${nameOf(record)} ${outcomeAt(model, row)}`.toLowerCase().includes(word)
  }
}

function compare(value: number, operator: string, limit: number): boolean {
  switch (operator) {
    case '>':
      return value > limit
    case '>=':
      return value >= limit
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    default:
      return value === limit
  }
}
