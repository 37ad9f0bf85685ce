import { type StormRow, stormPatience, stormSizes } from './measures/storm.ts'
import type { Machine, Results } from './results.ts'
import { writeNumber, writeRatio, writeSpread, writeTable } from './table.ts'

/** One run as Markdown: a heading and a table for each measure. */
export function writeReport(results: Results): string {
  const { fresh, storm, telemetry, sizes, panel, tabs, processes } = results
  return [
    `${results.at.slice(0, 10)}, ${describe(results.machine)}${(tabs ?? panel) ? `, ${(tabs ?? panel)?.browser}` : ''}.`,
    fresh && section('A fresh session', writeFresh(fresh)),
    storm && stormSizes.map((size) => section(`${writeNumber(size)} at once`, writeStorm(storm, size))).join('\n\n'),
    telemetry && section('Telemetry of one wait', writeTelemetry(telemetry)),
    sizes && section('Size', writeSizes(sizes)),
    panel && section('The panel on 100,000 spans', writePanel(panel)),
    tabs && section('Two tabs', writeTabs(tabs.rows)),
    processes && section('Eight processes, a hundred callers each, one token', writeProcesses(processes)),
  ]
    .filter((part) => part !== null)
    .join('\n\n')
}

const section = (title: string, body: string): string => `### ${title}\n\n${body}`

const describe = ({ processor, cores, memory, system, node }: Machine): string =>
  `${processor}, ${cores} cores, ${memory} GiB, ${system}, Node ${node}`

const writeFresh = (rows: NonNullable<Results['fresh']>): string =>
  writeTable(
    ['client', 'CPU ns a call', 'by the limit'],
    rows.map(({ client, cost, ratio }) => [client, writeSpread(cost), writeRatio(ratio)]),
  )

function writeStorm(rows: readonly StormRow[], size: number): string {
  const head = [
    'client',
    'requests',
    'served',
    'CPU ms',
    'by the limit',
    'wall ms',
    'by the limit',
    'heap B each',
    'by the limit',
  ]
  return writeTable(
    head,
    rows
      .filter(({ waiters }) => waiters === size)
      .map(({ client, result }) => {
        if (!result) return [client, `not in ${stormPatience / 1_000} s`, ...head.slice(2).map(() => '')]
        const { requests, served, ...measured } = result
        const figures = [measured.cpu, measured.wall, measured.heap]
        return [
          client,
          writeNumber(requests),
          writeNumber(served),
          ...figures.flatMap(({ value, ratio }) => [writeSpread(value), writeRatio(ratio)]),
        ]
      }),
  )
}

const writeTelemetry = (rows: NonNullable<Results['telemetry']>): string =>
  writeTable(
    ['', 'CPU ns', 'by the no-op span'],
    rows.map(({ what, cost, ratio }) => [what, writeSpread(cost), writeRatio(ratio)]),
  )

const writeSizes = (rows: NonNullable<Results['sizes']>): string =>
  writeTable(
    ['', 'kB, gzip'],
    rows.map(({ what, kB }) => [what, writeNumber(kB)]),
  )

const writeTabs = (rows: NonNullable<Results['tabs']>['rows']): string =>
  writeTable(
    ['client', 'rounds', 'logouts', 'token requests', 'reuses', 'ms a round'],
    rows.map(({ client, time, ...counts }) => [
      client,
      ...[counts.rounds, counts.logouts, counts.requests, counts.reuses].map(writeNumber),
      writeSpread(time),
    ]),
  )

const writeProcesses = (rows: NonNullable<Results['processes']>): string =>
  writeTable(
    ['how they agree', 'rounds', 'requests', 'failures', 'ms a process'],
    rows.map(({ way, rounds, calls, failures, time }) => [
      way,
      ...[rounds, calls, failures].map(writeNumber),
      writeSpread(time),
    ]),
  )

const writePanel = ({ rows, opening, heap }: NonNullable<Results['panel']>): string =>
  `${writeTable(
    ['while', 'median frame, ms', 'by an empty loop', 'p95 frame, ms', 'by an empty loop', 'longest frame, ms'],
    rows.map(({ motion, ...figures }) => [
      motion,
      writeSpread(figures.median),
      writeRatio(figures.medianRatio),
      writeSpread(figures.p95),
      writeRatio(figures.p95Ratio),
      writeSpread(figures.longest),
    ]),
  )}\n\nOpening on all of them took ${writeSpread(opening)} ms. The panel holds ${writeSpread(heap)} B a span, its record apart.`
