import { emittersOf, membersOf } from './registry.mjs'

/**
 * What the tests made the client or a server tell, held against what the registry says of it.
 *
 * @typedef {{ name: string, kind: string, attributes: Readonly<Record<string, unknown>> }} Told an ended operation or a point
 * @param {import('./registry.mjs').Registry} whole
 * @param {Told[]} told
 * @param {import('./registry.mjs').Emitter} by
 * @returns {{ strangers: string[], missing: string[] }} `strangers`: what was told and is not in the registry, or not so; `missing`: what the
 * registry says is told, and no test has seen
 */
export function compare(whole, told, by) {
  const registry = onlyBy(whole, by)
  const attributes = new Map(registry.attributes.map((attribute) => [attribute.id, attribute]))
  const signals = new Map([...registry.spans, ...registry.events].map((signal) => [signal.name, signal]))
  /** @param {string} key */
  const find = (key) => attributes.get(key) ?? attributes.get(key.slice(0, key.lastIndexOf('.')))

  const shown = new Set(
    told.flatMap(({ name, attributes: given }) => [
      name,
      ...Object.entries(given).flatMap(([key, value]) => [
        `${name} ${find(key)?.id}`,
        `${find(key)?.id}=${String(value)}`,
      ]),
    ]),
  )
  const strangers = new Set(
    told.flatMap(({ name, kind, attributes: given }) => {
      const signal = signals.get(name)
      if (!signal) return [`${name} is not in the registry`]
      const { span_kind: expected = 'point' } = signal
      return [
        ...(kind === expected ? [] : [`${name} is ${expected}, and was told as ${kind}`]),
        ...Object.entries(given).flatMap(([key, value]) => findStranger(name, signal, find(key), key, value)),
        ...signal.refs
          .filter(
            ({ ref, requirement_level: level }) =>
              level === 'required' && !Object.keys(given).some((key) => find(key)?.id === ref),
          )
          .map(({ ref }) => `${name} was told without ${ref}`),
      ]
    }),
  )
  return { strangers: [...strangers].sort(), missing: listTold(registry, by).filter((entry) => !shown.has(entry)) }
}

/**
 * The operations and points that one emitter tells, with the attributes that it gives them.
 *
 * @param {import('./registry.mjs').Registry} registry
 * @param {import('./registry.mjs').Emitter} by
 * @returns {import('./registry.mjs').Registry}
 */
function onlyBy({ spans, events, ...rest }, by) {
  /** @param {import('./registry.mjs').Signal[]} signals */
  const only = (signals) =>
    signals
      .filter((signal) => emittersOf(signal).includes(by))
      .map((signal) => ({
        ...signal,
        refs: signal.refs.filter((ref) => !ref.annotations || emittersOf(ref).includes(by)),
      }))
  return { ...rest, spans: only(spans), events: only(events) }
}

/**
 * @param {string} name
 * @param {import('./registry.mjs').Signal} signal
 * @param {import('./registry.mjs').Attribute | undefined} attribute
 * @param {string} key
 * @param {unknown} value
 */
function findStranger(name, signal, attribute, key, value) {
  if (!attribute || !signal.refs.some(({ ref }) => ref === attribute.id)) return [`${name} has no ${key}`]
  return isOfType(attribute, value) ? [] : [`${key} is no ${JSON.stringify(value)}`]
}

/**
 * @param {import('./registry.mjs').Attribute} attribute
 * @param {unknown} value
 */
function isOfType(attribute, value) {
  const members = membersOf(attribute)
  if (members.length > 0) return members.some((member) => member.value === value)
  if (attribute.type === 'string') return isText(attribute, value)
  return attribute.type === 'double' ? Number.isFinite(value) : Number.isInteger(value)
}

/**
 * The only text that is no id is a host name. The ids are hex, so that no token passes for one; in the notes of tests they are all `id`.
 *
 * @param {import('./registry.mjs').Attribute} attribute
 * @param {unknown} value
 */
function isText({ id }, value) {
  const form = id === 'server.address' ? /^(\[[\da-f:]+\]|[a-z\d-]+(\.[a-z\d-]+)*)$/ : /^(id|[\da-f]{8,32})$/
  return typeof value === 'string' && form.test(value)
}

/**
 * All that is told: names, the attributes on them, and the values of enumerations, of a server those that are a server's only.
 *
 * @param {import('./registry.mjs').Registry} registry
 * @param {import('./registry.mjs').Emitter} by
 */
function listTold({ attributes, spans, events }, by) {
  return [
    ...[...spans, ...events].flatMap(({ name, refs }) => [name, ...refs.map(({ ref }) => `${name} ${ref}`)]),
    ...attributes.flatMap((attribute) =>
      membersOf(attribute)
        .filter((member) => emittersOf(member).includes(by))
        .map(({ value }) => `${attribute.id}=${value}`),
    ),
  ]
}
