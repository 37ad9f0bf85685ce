import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from './root.mjs'

/**
 * The telemetry registry, in the form of OpenTelemetry's semantic-convention registries.
 *
 * @typedef {'beta'} Stability as OpenTelemetry has it: it may still change
 * @typedef {'client' | 'server'} Emitter
 * @typedef {{ emitted_by?: Emitter[] }} Annotations who tells it; left out: the client, of a reference whoever tells the span
 * @typedef {{ id: string, value: string, stability: Stability, brief?: string, note?: string, annotations?: Annotations }} Member
 * @typedef {'string' | 'int' | 'double' | 'template[int]' | { members: Member[] }} AttributeType
 * @typedef {{ id: string, type: AttributeType, stability: Stability, brief: string, note?: string }} Attribute
 * @typedef {{ ref: string, requirement_level: 'required' | { conditionally_required: string }, annotations?: Annotations }} Reference
 * @typedef {object} Group
 * @property {string} id
 * @property {'attribute_group' | 'span' | 'event' | 'metric'} type
 * @property {string} brief
 * @property {Stability} stability
 * @property {string} [note]
 * @property {string} [name] of a span or an event
 * @property {'internal' | 'client'} [span_kind]
 * @property {string[]} [events] names of a span's own events
 * @property {string} [metric_name]
 * @property {'histogram' | 'counter' | 'updowncounter'} [instrument]
 * @property {string} [unit]
 * @property {Annotations & { operation?: string, boundaries?: number[], event_attributes?: Record<string, string[]> }} [annotations] of a metric also
 * the operation that it is told by, and the bounds of its buckets; of a span also what its own events carry
 * @property {(Attribute | Reference)[]} attributes
 *
 * @typedef {Group & { name: string, refs: Reference[] }} Signal a span, an event or a metric
 * @typedef {{ attributes: Attribute[], spans: Signal[], events: Signal[], metrics: Signal[] }} Registry
 */

export const registryPath = 'packages/client/telemetry.yaml'

/** @returns {Registry} */
export function readRegistry() {
  /** @type {{ groups: Group[] }} */
  const { groups } = parse(readFileSync(join(root, registryPath), 'utf8'))
  /** @param {Group['type']} type */
  const signals = (type) =>
    groups
      .filter((group) => group.type === type)
      .map((group) => ({
        ...group,
        name: /** @type {string} */ (group.name ?? group.metric_name),
        refs: /** @type {Reference[]} */ (group.attributes),
      }))
  return {
    attributes: groups
      .filter(({ type }) => type === 'attribute_group')
      .flatMap(({ attributes }) => /** @type {Attribute[]} */ (attributes)),
    spans: signals('span'),
    events: signals('event'),
    metrics: signals('metric'),
  }
}

/**
 * The members of an enumeration; none for any other attribute.
 *
 * @param {Attribute} attribute
 */
export const membersOf = ({ type }) => (typeof type === 'object' ? type.members : [])

/**
 * Who tells an entry.
 *
 * @param {{ annotations?: Annotations }} entry
 * @returns {readonly Emitter[]}
 */
export const emittersOf = ({ annotations }) => annotations?.emitted_by ?? ['client']

/**
 * A span's own events, each with the attributes that it carries.
 *
 * @param {Pick<Group, 'events' | 'annotations'>} span
 * @returns {{ name: string, attributes: string[] }[]}
 */
export const eventsOf = ({ events = [], annotations }) =>
  events.map((name) => ({ name, attributes: annotations?.event_attributes?.[name] ?? [] }))

/**
 * How many series a metric may have in one process: every value of every attribute beside every other, and beside none where it is conditional.
 *
 * @param {Registry} registry
 * @param {Signal} metric
 * @returns {{ count: number, forEach: string[] }} `forEach`: attributes that are no enumerations; so many for each value that comes
 */
export function countSeries({ attributes }, { refs }) {
  const told = refs.map(({ ref, requirement_level: level }) => {
    const values = attributes.filter(({ id }) => id === ref).flatMap(membersOf).length
    return { ref, values, ways: values + (level === 'required' ? 0 : 1) }
  })
  const enums = told.filter(({ values }) => values > 0)
  return {
    count: enums.reduce((product, { ways }) => product * ways, 1),
    forEach: told.filter(({ values }) => values === 0).map(({ ref }) => ref),
  }
}

/**
 * What is wrong with a registry, one sentence each.
 *
 * @param {Registry} registry
 * @returns {string[]}
 */
export function findFaults({ attributes, spans, events, metrics }) {
  const known = new Set(attributes.map(({ id }) => id))
  const signals = [...spans, ...events, ...metrics]
  const named = [...attributes.map(({ id }) => id), ...signals.map(({ name }) => name)]
  const entries = [
    ...attributes.flatMap((one) => [
      one,
      ...membersOf(one).map((member) => ({ ...member, id: `${one.id}=${member.value}` })),
    ]),
    ...signals,
  ]
  const used = new Set(signals.flatMap(({ refs }) => refs.map(({ ref }) => ref)))
  return [
    ...signals.flatMap(({ name, refs }) =>
      refs.filter(({ ref }) => !known.has(ref)).map(({ ref }) => `${name} refers to ${ref}, which is not defined`),
    ),
    ...spans.flatMap(({ name, events = [], annotations }) =>
      Object.entries(annotations?.event_attributes ?? {}).flatMap(([event, ids]) => [
        ...(events.includes(event) ? [] : [`${name} has no event ${event}`]),
        ...ids.filter((id) => !known.has(id)).map((id) => `${name} refers to ${id}, which is not defined`),
      ]),
    ),
    ...named.filter((name, at) => named.indexOf(name) !== at).map((name) => `${name} is defined twice`),
    ...attributes.filter(({ id }) => !used.has(id)).map(({ id }) => `${id} is on nothing`),
    ...entries.flatMap((entry) =>
      Object.entries(entry)
        .filter(([, value]) => value === null)
        .map(([key]) => `${entry.id} has a text that is cut off before "${key}": quote it`),
    ),
    ...entries
      .filter(({ stability }) => stability !== 'beta')
      .map(({ id, stability }) => `${id} is in ${stability}: what nothing tells has no name`),
  ]
}
