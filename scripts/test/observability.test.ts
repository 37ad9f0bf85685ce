import { readdirSync } from 'node:fs'
import { parser as traceql } from '@grafana/lezer-traceql'
import { parser as promql } from '@prometheus-io/lezer-promql'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { blocksOf, folder, read, readPanels, readRules } from '../../docs/observability/support/pages.ts'
import { membersOf, readRegistry, type Signal } from '../lib/registry.mjs'

const pages = readdirSync(folder).filter((name) => name.endsWith('.md'))

const registry = readRegistry()
const spans = new Map(registry.spans.filter(({ stability }) => stability === 'beta').map((span) => [span.name, span]))
const attributes = new Map(registry.attributes.map((attribute) => [attribute.id, attribute]))
const inProm = (name: string): string => name.replaceAll('.', '_')

/** The series of a metric in Prometheus, each with its labels (OpenTelemetry, "Prometheus compatibility"). */
function seriesOf({ name, instrument, unit, refs }: Signal): [string, Set<string>][] {
  const labels = refs.map(({ ref }) => inProm(ref))
  const base = inProm(name) + (unit === 's' ? '_seconds' : '')
  if (instrument === 'counter') return [[`${base}_total`, new Set(labels)]]
  if (instrument === 'updowncounter') return [[base, new Set(labels)]]
  return [
    [`${base}_bucket`, new Set([...labels, 'le'])],
    [`${base}_count`, new Set(labels)],
    [`${base}_sum`, new Set(labels)],
  ]
}
const series = new Map(registry.metrics.flatMap(seriesOf))

/** Whether all values that a matcher names are values of that attribute; any will do where it is no enumeration. */
function findStrangeValues(id: string, text: string): string[] {
  const attribute = attributes.get(id) ?? [...attributes.values()].find((one) => inProm(one.id) === id)
  const members = attribute ? membersOf(attribute) : []
  if (members.length === 0) return []
  return text
    .split('|')
    .filter((value) => !members.some((member) => member.value === value && member.stability === 'beta'))
}

interface Piece {
  readonly name: string
  readonly text: string
}
function piecesOf(tree: ReturnType<typeof promql.parse>, query: string): Piece[] {
  const pieces: Piece[] = []
  tree.iterate({
    enter: ({ name, type, from, to }) =>
      void pieces.push({ name: type.isError ? 'fault' : name, text: query.slice(from, to) }),
  })
  return pieces
}

/** What is wrong with a query of Prometheus. */
function findFaults(written: string): string[] {
  // Grafana fills these in before Prometheus sees them.
  const query = written.replaceAll(/\$__(rate_interval|range)/g, '5m')
  const pieces = piecesOf(promql.parse(query), query)
  const faults = pieces.filter(({ name }) => name === 'fault').map(({ text }) => `cannot be read at "${text}"`)
  const used = pieces.filter(({ name }) => name === 'Identifier').map(({ text }) => text)
  const labels = new Set(used.flatMap((name) => [...(series.get(name) ?? [])]))
  for (const name of used) if (!series.has(name)) faults.push(`${name} is no series`)
  for (const { name, text } of pieces) {
    if (name === 'LabelName' && !labels.has(text)) faults.push(`${text} is no label of ${used.join(', ')}`)
    const [, label = '', value = ''] = name === 'UnquotedLabelMatcher' ? (/^(\w+)\W+"(.*)"$/.exec(text) ?? []) : []
    for (const strange of findStrangeValues(label, value)) faults.push(`${label} is never ${strange}`)
  }
  return faults
}

/**
 * Where a query counts events by their increase alone: a counter is born with its first one, and has no increase then. In a share of all that was
 * shared in a day, or in an hour of each day, the first one matters little.
 */
function findBareIncreases(query: string): string[] {
  if (query.includes('authflight_wait_duration_seconds_count')) return []
  return [...query.matchAll(/(?<!\bor\s+)increase\(\w+/g)].map(([text]) => text)
}

const rules = readRules()
const panels = readPanels()

describe('Prometheus', () => {
  test.each(blocksOf('README.md', 'promql'))('%s', (query) => expect(findFaults(query)).toEqual([]))
  test.each(rules.map(({ alert, expr }) => [alert, expr]))('%s can be read, and names what there is', (_, expr) =>
    expect(findFaults(expr)).toEqual([]),
  )
  test.each([...blocksOf('README.md', 'promql'), ...rules.map(({ expr }) => expr)])(
    '%s counts the first event of a counter, too',
    (query) => expect(findBareIncreases(query)).toEqual([]),
  )
  test('all questions have a query', () => expect(blocksOf('README.md', 'promql').length).toBeGreaterThanOrEqual(5))

  test('all questions have an alert', () => {
    const alerts = [...read('README.md').matchAll(/`(Authflight\w+)` +\|$/gm)].map(([, alert]) => alert)
    expect(alerts).toHaveLength(6)
    expect(rules.map(({ alert }) => alert)).toEqual(expect.arrayContaining(alerts))
  })

  test.each([
    ['sum(', 'cannot be read'],
    ['authflight_unknown_total', 'is no series'],
    ['sum by (user_id) (authflight_discards_total)', 'user_id is no label'],
    ['authflight_discards_total{authflight_discard_reason="bored"}', 'is never bored'],
    ['authflight_session_ended_total{authflight_session_end_reason!~"user|nobody"}', 'is never nobody'],
  ])('a query like %s is found out', (query, fault) => expect(findFaults(query).join('; ')).toContain(fault))
})

/** What an operator asks (README), and what a query must be of to answer it. */
const askedOfDashboard: [question: string, RegExp][] = [
  [
    'Who waited for a refresh for more than a second?',
    /wait_duration_seconds_bucket\{le=~"1\|1\.0"\}.*wait_duration_seconds_count/,
  ],
  ['What was discarded, and why?', /^sum by \(authflight_discard_reason\) .*discards_total/],
  [
    "Which sessions ended without their user's doing?",
    /^sum by \(authflight_session_end_reason\) .*session_ended_total\{authflight_session_end_reason!~"user\|other_tab\|replaced"\}/,
  ],
  ['Did a server see a refresh token twice?', /session_ended_total\{authflight_session_end_reason="reuse"\}/],
  ['Does it reject more sessions than yesterday?', /session_ended_total\{authflight_session_end_reason="rejected"\}/],
  ['How many requests did sharing save?', /wait_duration_seconds_count.*\/.*refresh_duration_seconds_count/],
]

describe('the dashboard', () => {
  test('answers what the README says that an operator asks', () => {
    const asked = [...read('README.md').matchAll(/^\| ([^|]+\?) +\|/gm)].map(([, question]) => question)
    expect(askedOfDashboard.map(([question]) => question)).toEqual(asked)
  })

  test.each(askedOfDashboard)('%s', (_, answer) => {
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
    expect(expressions.filter((expr) => answer.test(expr))).not.toEqual([])
  })

  test.each(panels.map(({ title, targets }) => [title, targets] as const))(
    '%s shows the first event of a counter, too',
    (_, targets) => expect(targets.flatMap(({ expr }) => findBareIncreases(expr))).toEqual([]),
  )

  test.each(panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)))(
    '%s: %s',
    (_, expr) => expect(findFaults(expr)).toEqual([]),
  )

  test('each panel has an id, a place and legends of its own, of labels that its query gives', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length)
    for (const { targets } of panels) {
      for (const { expr, legendFormat } of targets) {
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(expr).toContain(label)
      }
    }
  })
})

test.each(blocksOf('tempo.md', 'traceql'))('TraceQL: %s', (query) => {
  const pieces = piecesOf(traceql.parse(query), query)
  expect(pieces.filter(({ name }) => name === 'fault')).toEqual([])
  const named = (kind: string) => pieces.filter(({ name }) => name === kind).map(({ text }) => text)
  expect([...attributes.keys()]).toEqual(expect.arrayContaining(named('Identifier')))
  const names = named('String').filter((text) => text.includes('authflight.'))
  expect([...spans.keys()]).toEqual(expect.arrayContaining(names.map((text) => text.slice(1, -1))))
  for (const { name, text } of pieces) {
    const [, id = '', value = ''] =
      name === 'FieldExpression' ? (/^span\.([\w.]+) [=!~]+ "([^"]*)"$/.exec(text) ?? []) : []
    expect(findStrangeValues(id, value)).toEqual([])
  }
})

test('Tempo, which keeps to 20 traces and says nothing of the rest, is asked for more', () => {
  const page = read('tempo.md').replaceAll('\n', ' ')
  expect(page).toMatch(/20 traces and 3 spans of each unless told otherwise/)
  const { pathname, searchParams } = new URL(/\/api\/search\?[^`]+/.exec(page)?.[0] ?? '', 'http://tempo.example.test')
  expect(pathname).toBe('/api/search')
  expect(searchParams.get('limit')).toBe('1500')
  // More is refused, unless Tempo is set up for it.
  expect(searchParams.get('spss')).toBe('100')
  expect(page).toContain('"Limit" and "Span Limit"')
  const hint = /`(with [^`]+)`/.exec(page)?.[1] ?? 'none'
  const query = `{ name = "authflight.wait" } ${hint}`
  expect(piecesOf(traceql.parse(query), query).filter(({ name }) => name === 'fault')).toEqual([])
})

const searches = blocksOf('jaeger.md', 'jaeger').flatMap((block) => block.split('\n'))
test.each(searches)('Jaeger: %s', (search) => {
  const { pathname, searchParams } = new URL(search, 'http://jaeger.example.test')
  expect(pathname).toBe('/search')
  // Else Jaeger keeps to 20, and says nothing of the rest.
  expect(searchParams.get('limit')).toBe('1500')
  const span = spans.get(searchParams.get('operation') ?? '')
  expect(span).toBeDefined()
  const tags = JSON.parse(searchParams.get('tags') ?? '{}') as Record<string, string>
  for (const [key, value] of Object.entries(tags)) {
    expect(span?.refs.map(({ ref }) => ref)).toContain(key)
    expect(findStrangeValues(key, value)).toEqual([])
  }
})

test.each([
  ['authflight.discard.reason', []],
  ['authflight.session_end.reason', ['user', 'other_tab', 'replaced']],
])('Jaeger, which cannot group, has a search for each %s but %j', (id, users) => {
  const members = membersOf(attributes.get(id)!).filter(({ stability }) => stability === 'beta')
  const wanted = members.map(({ value }) => value).filter((value) => !users.includes(value))
  const tagged = searches.flatMap((search) => new RegExp(`"${id}":"(\\w+)"`).exec(search)?.[1] ?? [])
  expect(tagged.toSorted()).toEqual(wanted.toSorted())
})

interface HoneycombQuery {
  readonly calculations: readonly { readonly op: string; readonly column?: string }[]
  readonly filters: readonly { readonly column: string; readonly op: string; readonly value: unknown }[]
  readonly breakdowns?: readonly string[]
}
test.each(blocksOf('honeycomb.md', 'json'))('Honeycomb: %s', (text) => {
  const { calculations, filters, breakdowns = [] } = JSON.parse(text) as HoneycombQuery
  const span = spans.get(String(filters.find(({ column }) => column === 'name')?.value))
  const known = ['name', 'duration_ms', ...(span?.refs.map(({ ref }) => ref) ?? [])]
  expect(span).toBeDefined()
  for (const { op, column } of calculations) {
    expect(['COUNT', 'COUNT_DISTINCT', 'P95', 'SUM']).toContain(op)
    expect(known).toContain(column ?? 'name')
  }
  for (const { column, op, value } of filters) {
    expect(known).toContain(column)
    expect(['=', '>', 'not-in']).toContain(op)
    expect(findStrangeValues(column, [value].flat().join('|'))).toEqual([])
  }
  for (const column of breakdowns) expect(known).toContain(column)
})

describe.each([
  ['datadog', 'resource_name', /^-?@?([\w.]+):(\(.+\)|[^\s()[\]]+)$/],
  ['sentry', 'span.name', /^!?([\w.]+):(\[.+\]|[^\s()[\]]+)$/],
] as const)('%s', (backend, nameKey, term) => {
  test.each(blocksOf(`${backend}.md`, backend))('%s', (search) => {
    const terms = search.match(/\S+:(\([^)]*\)|\[[^\]]*\]|\S+)/g) ?? []
    expect(terms.join(' ')).toBe(search)
    const pairs = terms.map((one) => term.exec(one)?.slice(1) ?? [])
    const span = spans.get(pairs.find(([key]) => key === nameKey)?.[1] ?? '')
    expect(span).toBeDefined()
    const known: string[] = [nameKey, 'duration', 'span.duration', ...(span?.refs.map(({ ref }) => ref) ?? [])]
    for (const [key = '', value = ''] of pairs) {
      expect(known).toContain(key === 'has' ? value : key)
      if (value === '*' || value.startsWith('>')) continue
      const values = value.replaceAll(/[()[\]]/g, '').replaceAll(/ OR |,/g, '|')
      expect(findStrangeValues(key, values)).toEqual([])
    }
  })
})

/** What a block must name to answer a question: a span, and what is asked of it. */
const questions: [string, RegExp][] = [
  ['authflight.wait', /duration/i],
  ['authflight.discard', /authflight\.discard\.reason/],
  ['authflight.session_end', /authflight\.session_end\.reason.*(user|rejected)/],
  ['authflight.session_end', /authflight\.session_end\.reason.*reuse/],
  // For those whose provider never says `reuse`.
  ['authflight.session_end', /authflight\.session_end\.reason[^,]*[=:]+[^,]*rejected|"op": "=", "value": "rejected"/],
  ['authflight.refresh', /authflight\.refresh\.waiter_count/],
]

test('each backend has a page that answers all questions, and says what was not run', () => {
  const answers = { jaeger: 'jaeger', tempo: 'traceql', honeycomb: 'json', datadog: 'datadog', sentry: 'sentry' }
  expect(pages.toSorted()).toEqual(['README.md', ...Object.keys(answers).map((name) => `${name}.md`)].toSorted())
  for (const [name, language] of Object.entries(answers)) {
    const blocks = blocksOf(`${name}.md`, language).map((block) => block.replaceAll('\n', ' '))
    for (const [span, asked] of questions) {
      const answer = blocks.find((block) => new RegExp(`${span}\\b(?![.])`).test(block) && asked.test(block))
      expect(answer, `${name}: ${span} ${asked}`).toBeDefined()
    }
    expect(read(`${name}.md`), name).toMatch(/_Not run_|_not run_/)
    // Who takes oauth() would wait for ever.
    expect(read(`${name}.md`), name).toMatch(/came twice, of `gotrue\(\)`; `oauth\(\)` cannot know/)
  }
})

describe('the collector of pages', () => {
  interface Collector {
    readonly processors: {
      readonly transform: { readonly metric_statements: readonly { conditions: string[]; statements: string[] }[] }
      readonly deltatocumulative: { readonly max_stale: string }
    }
    readonly exporters: { readonly prometheus: { readonly metric_expiration: string } }
    readonly service: { readonly pipelines: { readonly metrics: Record<string, string[]> } }
  }
  const block = blocksOf('README.md', 'yaml').find((each) => each.includes('deltatocumulative')) ?? ''
  const { processors, exporters, service } = parse(block) as Collector

  test('gives each point its own time before it adds them up, whatever the clocks of visitors say', () => {
    // Only `batch` hands one batch over after another: what comes at the same moment would overtake.
    expect(service.pipelines.metrics['processors']).toEqual(['batch', 'transform', 'deltatocumulative'])
    const [{ conditions, statements }, ...others] = processors.transform.metric_statements as [
      { conditions: string[]; statements: string[] },
    ]
    expect(others).toEqual([])
    // What servers send is cumulative, and knows better.
    expect(conditions).toEqual(['metric.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA'])
    // The start last, or it would be later than the time, and after the time of the stream.
    expect(statements.slice(0, 2)).toEqual(['set(datapoint.time, Now())', 'set(datapoint.start_time, datapoint.time)'])
  })

  test('takes pages of all versions for one stream, as Prometheus does', () => {
    const statements = processors.transform.metric_statements.flatMap((each) => each.statements)
    expect(statements).toContain('keep_keys(resource.attributes, ["service.namespace", "service.name"])')
    expect(statements).toContain('set(scope.version, "")')
  })

  test('keeps a counter for more than a day, and shows it for as long', () => {
    const hours = /^(\d+)h$/.exec(processors.deltatocumulative.max_stale)?.[1]
    expect(Number(hours)).toBeGreaterThanOrEqual(48)
    expect(service.pipelines.metrics['exporters']).toEqual(['prometheus'])
    expect(exporters.prometheus.metric_expiration).toBe(processors.deltatocumulative.max_stale)
  })

  test('is said not to have been run, and what it loses', () => {
    const page = read('README.md')
    const said = page.slice(page.indexOf('A page sends metrics'), page.indexOf('## Prometheus'))
    expect(said.slice(0, said.indexOf('```'))).toContain('_not run_')
    expect(said).toContain('**What is lost:**')
  })
})
