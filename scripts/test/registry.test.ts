import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generate } from '../lib/generated.mjs'
import {
  type Attribute,
  countSeries,
  findFaults,
  membersOf,
  readRegistry,
  type Registry,
  type Signal,
} from '../lib/registry.mjs'
import { toTypeScript } from '../lib/registry-code.mjs'
import { fillPage } from '../lib/registry-page.mjs'
import { root } from '../lib/root.mjs'

const kind: Attribute = {
  id: 'authflight.thing.kind',
  stability: 'beta',
  brief: 'Which it is.',
  type: {
    members: [
      { id: 'one', value: 'one', stability: 'beta', brief: 'The first.' },
      { id: 'two', value: 'two', stability: 'beta', brief: 'The second.', note: 'Nobody needs it.' },
    ],
  },
}
const count: Attribute = { id: 'authflight.thing.count', stability: 'beta', brief: 'How many.', type: 'int' }
const parts: Attribute = {
  id: 'authflight.thing.parts',
  stability: 'beta',
  brief: 'How many so.',
  type: 'template[int]',
}

const signal = (name: string, type: Signal['type'], refs: string[], more: Partial<Signal> = {}): Signal => ({
  id: `${type}.${name}`,
  type,
  name,
  brief: 'It happens.',
  stability: 'beta',
  attributes: [],
  refs: refs.map((ref) => ({ ref, requirement_level: 'required' })),
  ...more,
})
const registry: Registry = {
  attributes: [kind, count, parts],
  spans: [
    signal('authflight.thing', 'span', [kind.id, count.id], {
      span_kind: 'internal',
      events: ['half', 'whole'],
      annotations: { event_attributes: { half: [count.id] } },
    }),
  ],
  events: [signal('authflight.record.thing', 'event', [parts.id])],
  metrics: [
    signal('authflight.things', 'metric', [kind.id], {
      instrument: 'histogram',
      unit: 's',
      annotations: { operation: 'authflight.thing', boundaries: [0.5, 1] },
    }),
  ],
}

test('what is made of the registry is up to date; else run `npm run generate`', async () => {
  for (const { path, text } of await generate()) expect(readFileSync(join(root, path), 'utf8'), path).toBe(text)
})

test('the registry hangs together', () => {
  expect(findFaults(readRegistry())).toEqual([])
})

test('a registry that does not hang together is told in sentences', () => {
  expect(
    findFaults({
      ...registry,
      attributes: [...registry.attributes, count, { ...count, id: 'lonely', stability: 'development' as never }],
      spans: [
        Object.assign(signal('authflight.thing', 'span', ['nowhere']), {
          'and more': null,
          annotations: { event_attributes: { lost: ['nothing'] } },
        }),
      ],
    }),
  ).toEqual([
    'authflight.thing refers to nowhere, which is not defined',
    'authflight.thing has no event lost',
    'authflight.thing refers to nothing, which is not defined',
    'authflight.thing.count is defined twice',
    'authflight.thing.count is on nothing',
    'authflight.thing.count is on nothing',
    'lonely is on nothing',
    'span.authflight.thing has a text that is cut off before "and more": quote it',
    'lonely is in development: what nothing tells has no name',
  ])
})

test('types and values are made for each entry', () => {
  const code = toTypeScript(registry)
  for (const piece of [
    "export type ThingKind = 'one' | 'two'",
    "'authflight.thing.kind'?: ThingKind",
    "'authflight.thing.count'?: number",
    '[key: `authflight.thing.parts.${string}`]: number',
    "export type OperationName = 'authflight.thing'",
    "export type PointName = 'authflight.record.thing'",
    "export type SpanEventName = 'half' | 'whole'",
    "['authflight.thing', 'authflight.things', 'createHistogram', 's', ['authflight.thing.kind'], [0.5, 1]],",
  ]) {
    expect(code).toContain(piece)
  }
})

test('a page keeps what is written by hand, and gets its tables', () => {
  const page = fillPage(
    'Mine.\n<!-- registry: spans -->old<!-- end -->\nToo.\n<!-- registry: values --><!-- end -->',
    registry,
  )
  expect(page).toBe(
    [
      'Mine.',
      '<!-- registry: spans -->',
      '',
      '| span | kind | what it is | attributes |',
      '| --- | --- | --- | --- |',
      '| `authflight.thing` | internal | It happens. Events (client only): `half` with `authflight.thing.count`, `whole`. | `authflight.thing.kind`, `authflight.thing.count` |',
      '',
      '<!-- end -->',
      'Too.',
      '<!-- registry: values -->',
      '',
      '**`authflight.thing.kind`** Which it is.',
      '',
      '- `one` The first.',
      '- `two` The second. Nobody needs it.',
      '',
      '',
      '<!-- end -->',
    ].join('\n'),
  )
})

test('a page that asks for a table that is not there is an error', () => {
  expect(() => fillPage('<!-- registry: spams --><!-- end -->', registry)).toThrow(/no table `spams`.*spans/)
})

describe('the series of a metric', () => {
  const colour: Attribute = {
    id: 'authflight.thing.colour',
    stability: 'beta',
    brief: 'Its colour.',
    type: { members: ['red', 'blue', 'grey'].map((value) => ({ id: value, value, stability: 'beta' as const })) },
  }
  const withColour = { ...registry, attributes: [...registry.attributes, colour] }

  test('are every value beside every other, and one more where it may be missing', () => {
    const metric = signal('authflight.things', 'metric', [kind.id, colour.id])
    expect(countSeries(withColour, metric)).toEqual({ count: 6, forEach: [] })
    const [one, two] = metric.refs as [Signal['refs'][number], Signal['refs'][number]]
    const refs = [one, { ...two, requirement_level: { conditionally_required: 'if it has one' } }]
    expect(countSeries(withColour, { ...metric, refs })).toEqual({ count: 8, forEach: [] })
  })

  test('are so many for each value of an attribute that is no enumeration', () => {
    const metric = signal('authflight.things', 'metric', [colour.id, count.id])
    expect(countSeries(withColour, metric)).toEqual({ count: 3, forEach: [count.id] })
  })

  test('are 100 at most for all metrics together but the two that docs/telemetry.md names', () => {
    const real = readRegistry()
    const counted = real.metrics.map((metric) => ({ name: metric.name, ...countSeries(real, metric) }))
    const isWide = ({ count, forEach }: (typeof counted)[number]) => count > 100 || forEach.length > 0
    expect(counted.filter(isWide).map(({ name }) => name)).toEqual([
      'authflight.refresh.duration',
      'authflight.token_requests',
    ])
    const others = counted.filter((one) => !isWide(one)).reduce((sum, { count }) => sum + count, 0)
    expect(others).toBeGreaterThan(0)
    expect(others).toBeLessThanOrEqual(100)
    const [triggers = 0, outcomes = 0, errors = 0] = [
      'authflight.refresh.trigger',
      'authflight.refresh.outcome',
      'error.type',
    ].map((id) => real.attributes.filter((one) => one.id === id).flatMap(membersOf).length)
    const page = readFileSync(join(root, 'decisions', '0020-two-metrics-may-be-wide.md'), 'utf8').replaceAll('\n', ' ')
    expect(page).toContain(`All metrics together but two have ${others}.`)
    expect(page).toContain(`(${triggers} triggers, ${outcomes} outcomes, ${errors} error types or none)`)
    // An error type stands beside two outcomes, one of which has three.
    expect(page).toContain(`are ${triggers * (outcomes - 2 + 3 + errors)}, a histogram`)
  })
})
