import { expect, test } from 'vitest'
import type { Series } from '../../packages/client/test/support/measure.ts'
import { blocksOf, readPanels } from './support/pages.ts'
import { type Course, linesOf, runPromtool } from './support/promtool.ts'
import {
  playDiscard,
  playFailingServer,
  playSlowServer,
  playStorm,
  playTheft,
  playTheftWithGoTrue,
} from './support/runs.ts'

const queries = blocksOf('README.md', 'promql')
// Grafana fills in how far back it looks.
const ofPanels = readPanels().flatMap(({ title, targets }) =>
  targets.map(({ expr, legendFormat }) => ({
    title: `${title}, ${legendFormat}`,
    expr: expr.replaceAll(/\$__(rate_interval|range)/g, '1h'),
  })),
)

/** A day and two hours, minute by minute. */
const last = 26 * 60
/** Half an hour before the end comes what was measured, and it is all that the counters have ever seen. */
const born: Course = (value) => `_x${last - 30} ${value}x30`
/** The same, of counters that have seen it before, more than a day ago. */
const old: Course = (value) => `${value}x${last - 31} ${2 * value}x30`
/** It comes a second time within the hour: what a counter was born with must count, too. */
const bornAndGrown: Course = (value) => `_x${last - 30} ${value}x20 ${2 * value}x9`
/** Before the window began, and not since. */
const past: Course = (value) => `${value}x${last}`
/** Each minute. */
const always: Course = (value) => `0+${value}x${last}`

/** What a query finds at the end, by its labels as Prometheus writes them. */
type Found = Record<string, number>
const evaluate = (series: Series[], query: string, cases: [Course, Found][]) =>
  runPromtool({
    rule_files: [],
    evaluation_interval: '1m',
    tests: cases.map(([course, found]) => ({
      interval: '1m',
      input_series: series.flatMap((one) => linesOf(one, course)),
      promql_expr_test: [
        {
          // An increase is stretched to the window by a sixtieth or less.
          expr: `round(${query}, 0.05)`,
          eval_time: `${last}m`,
          exp_samples: Object.entries(found).map(([labels, value]) => ({ labels, value })),
        },
      ],
    })),
  })
const passed = { status: 0, complaint: '' }

function only<T>(found: readonly T[]): T {
  expect(found).toHaveLength(1)
  return found[0]!
}

/** What must be found of an event, by the labels that the query gives it. */
const events: [name: string, query: () => string, play: () => Promise<Series[]>, labels: string][] = [
  ['discards, of the README', () => find(/discards_total/), playDiscard, '{authflight_discard_reason="signed_out"}'],
  [
    'ends that are not their users doing, of the README',
    () => find(/sum by .*session_end_reason/),
    playTheftWithGoTrue,
    '{authflight_session_end_reason="reuse"}',
  ],
  ['tokens that came twice, of the README', () => find(/sum\([^]*"reuse"/), playTheftWithGoTrue, '{}'],
  ['rejections, of the README', () => find(/sum\([^]*"rejected"/), playTheft, '{}'],
  [
    'discards, of the dashboard',
    () => findPanel('Discards, {{authflight_discard_reason}}'),
    playDiscard,
    '{authflight_discard_reason="signed_out"}',
  ],
  [
    'ends that are not their users doing, of the dashboard',
    () => findPanel('Involuntary session ends, {{authflight_session_end_reason}}'),
    playTheftWithGoTrue,
    '{authflight_session_end_reason="reuse"}',
  ],
  [
    'tokens that came twice, of the dashboard',
    () => findPanel('Tokens that came twice, reuse'),
    playTheftWithGoTrue,
    '{}',
  ],
  ['rejections, of the dashboard', () => findPanel('Tokens that came twice, rejected'), playTheft, '{}'],
]
const find = (like: RegExp): string => only(queries.filter((query) => like.test(query)))
const findPanel = (name: string): string => only(ofPanels.filter(({ title }) => title === name)).expr

test.each(events)('%s: one is 1, whether its counter is born with it or old, and none is 0', async (...args) => {
  const [, query, play, labels] = args
  const cases: [Course, Found][] = [
    [born, { [labels]: 1 }],
    [old, { [labels]: 1 }],
    [bornAndGrown, { [labels]: 2 }],
    [past, { [labels]: 0 }],
  ]
  expect(evaluate(await play(), query(), cases)).toEqual(passed)
})

/** What is a share, or how much each minute, of what comes to pass each minute. */
const shares: [name: string, RegExp, play: () => Promise<Series[]>, Found, times?: number][] = [
  ['waits of more than a second', /^1 - sum\(rate/, playSlowServer, { '{}': 1 }],
  ['waits of more than a second, where none is', /^1 - sum\(rate/, playStorm, { '{}': 0 }],
  ['refreshes that sharing saved', /wait_duration_seconds_count\[1d\]/, playStorm, { '{}': 0.95 }],
  ['failing refreshes', /error_type/, playFailingServer, { '{error_type="server_error"}': 1 }, 60],
  ['failing refreshes, where none is', /error_type/, playStorm, {}, 60],
]
test.each(shares)('%s', async (_, like, play, found, times = 1) => {
  expect(evaluate(await play(), `${times} * (${find(like)})`, [[always, found]])).toEqual(passed)
})

test('each query of the README has been evaluated', () => {
  const evaluated = [...events.slice(0, 4).map(([, query]) => query()), ...shares.map(([, like]) => find(like))]
  expect(new Set(evaluated)).toEqual(new Set(queries))
})

test('a query that finds something else is a failed test', async () => {
  expect(evaluate(await playTheft(), find(/sum\([^]*"rejected"/), [[born, { '{}': 2 }]]).status).toBe(1)
})
