import { describe, expect, test } from 'vitest'
import type { Attribute, Registry } from '../lib/registry.mjs'
import { compare } from '../lib/told.mjs'

const attribute = (id: string, type: Attribute['type']): Attribute => ({ id, type, stability: 'beta', brief: '' })
const members = [{ id: 'one', value: 'one', stability: 'beta' as const }]
const registry: Registry = {
  attributes: [
    attribute('a.kind', { members }),
    attribute('a.id', 'string'),
    attribute('server.address', 'string'),
    attribute('a.count', 'int'),
    attribute('a.seconds', 'double'),
    attribute('a.parts', 'template[int]'),
  ],
  spans: [
    {
      id: 'span.a',
      type: 'span',
      span_kind: 'internal',
      name: 'a',
      brief: '',
      stability: 'beta',
      attributes: [],
      refs: [
        { ref: 'a.kind', requirement_level: 'required' },
        { ref: 'a.id', requirement_level: { conditionally_required: 'sometimes' } },
        { ref: 'server.address', requirement_level: { conditionally_required: 'sometimes' } },
        { ref: 'a.count', requirement_level: { conditionally_required: 'sometimes' } },
        { ref: 'a.seconds', requirement_level: { conditionally_required: 'sometimes' } },
        { ref: 'a.parts', requirement_level: { conditionally_required: 'sometimes' } },
      ],
    },
  ],
  events: [],
  metrics: [],
}
const whole = {
  'a.kind': 'one',
  'a.id': '3f9a1c07',
  'server.address': 'id.example.test',
  'a.count': 1,
  'a.seconds': 0.5,
  'a.parts.x': 1,
}

test('what is in the registry, and all of it, is no stranger and leaves nothing missing', () => {
  expect(compare(registry, [{ name: 'a', kind: 'internal', attributes: whole }], 'client')).toEqual({
    strangers: [],
    missing: [],
  })
})

test.each([
  ['another name', 'b', whole, 'b is not in the registry'],
  ['an attribute of nobody', 'a', { ...whole, 'a.other': 1 }, 'a has no a.other'],
  ['a value that is none of an enumeration', 'a', { ...whole, 'a.kind': 'three' }, 'a.kind is no "three"'],
  ['a value that has no name', 'a', { ...whole, 'a.kind': 'two' }, 'a.kind is no "two"'],
  ['a text where a number belongs', 'a', { ...whole, 'a.count': '1' }, 'a.count is no "1"'],
  ['a fraction where a whole number belongs', 'a', { ...whole, 'a.count': 0.5 }, 'a.count is no 0.5'],
  ['a number that is none', 'a', { ...whole, 'a.seconds': Number.NaN }, 'a.seconds is no null'],
  ['a sentence where an id belongs', 'a', { ...whole, 'a.id': 'free text' }, 'a.id is no "free text"'],
  ['a token where an id belongs', 'a', { ...whole, 'a.id': 'v1.MHx3-_9' }, 'a.id is no "v1.MHx3-_9"'],
  [
    'a token where a host belongs',
    'a',
    { ...whole, 'server.address': 'eyJ.e30.c2' },
    'server.address is no "eyJ.e30.c2"',
  ],
  ['nothing where something is required', 'a', { 'a.id': '3f9a1c07' }, 'a was told without a.kind'],
])('%s is a stranger', (_, name, attributes, sentence) => {
  expect(compare(registry, [{ name, kind: 'internal', attributes }], 'client').strangers).toEqual([sentence])
})

test('a span of another kind is a stranger, and so is a point that was told as a span', () => {
  const point = {
    id: 'event.p',
    type: 'event' as const,
    name: 'p',
    brief: '',
    stability: 'beta' as const,
    attributes: [],
    refs: [],
  }
  const told = ['internal', 'client', 'point'].flatMap((kind) => [
    { name: 'a', kind, attributes: whole },
    { name: 'p', kind, attributes: {} },
  ])
  expect(compare({ ...registry, events: [point] }, told, 'client').strangers).toEqual([
    'a is internal, and was told as client',
    'a is internal, and was told as point',
    'p is point, and was told as client',
    'p is point, and was told as internal',
  ])
})

test.each(['id.example.test', 'localhost', '127.0.0.1', '[::1]'])('%s is a host', (address) => {
  const told = [{ name: 'a', kind: 'internal', attributes: { ...whole, 'server.address': address } }]
  expect(compare(registry, told, 'client').strangers).toEqual([])
})

test('what no test has seen is missing: a name, an attribute on it, a value', () => {
  expect(compare(registry, [], 'client').missing).toEqual([
    'a',
    'a a.kind',
    'a a.id',
    'a server.address',
    'a a.count',
    'a a.seconds',
    'a a.parts',
    'a.kind=one',
  ])
})

describe('what a server tells', () => {
  const far = { id: 'far', value: 'far', stability: 'beta' as const, annotations: { emitted_by: ['server' as const] } }
  const kind = { ref: 'a.kind', requirement_level: 'required' as const }
  const id = { ref: 'a.id', requirement_level: 'required' as const }
  const span = {
    id: 'span',
    type: 'span' as const,
    span_kind: 'internal' as const,
    brief: '',
    stability: 'beta' as const,
    attributes: [],
  }
  const shared: Registry = {
    attributes: [attribute('a.kind', { members: [...members, far] }), attribute('a.id', 'string')],
    spans: [
      {
        ...span,
        name: 'a',
        annotations: { emitted_by: ['client', 'server'] },
        refs: [kind, { ...id, annotations: { emitted_by: ['client'] } }],
      },
      { ...span, name: 'b', refs: [kind, id] },
    ],
    events: [],
    metrics: [],
  }

  test('is held against what is a server’s, and its values against those that are a server’s only', () => {
    expect(compare(shared, [{ name: 'a', kind: 'internal', attributes: { 'a.kind': 'far' } }], 'server')).toEqual({
      strangers: [],
      missing: [],
    })
    expect(
      compare(shared, [{ name: 'a', kind: 'internal', attributes: { 'a.kind': 'one' } }], 'server').missing,
    ).toEqual(['a.kind=far'])
  })

  test('is a stranger where only a client tells it', () => {
    const told = [
      { name: 'a', kind: 'internal', attributes: { 'a.kind': 'far', 'a.id': '3f9a1c07' } },
      { name: 'b', kind: 'internal', attributes: { 'a.kind': 'far' } },
    ]
    expect(compare(shared, told, 'server').strangers).toEqual(['a has no a.id', 'b is not in the registry'])
  })

  test('is not asked of a client', () => {
    expect(compare(shared, [], 'client').missing).toEqual([
      'a',
      'a a.kind',
      'a a.id',
      'b',
      'b a.kind',
      'b a.id',
      'a.kind=one',
    ])
  })
})
