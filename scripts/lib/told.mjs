import { membersOf } from './registry.mjs'

/**
 * What the tests made the client tell, held against the registry.
 *
 * @typedef {{ name: string, attributes: Readonly<Record<string, unknown>> }} Told an ended operation or a point
 * @param {import('./registry.mjs').Registry} registry
 * @param {Told[]} told
 * @returns {{ strangers: string[], missing: string[] }} `strangers`: what was told and is not in the registry, or not so; `missing`: what the
 * registry says is told, and no test has seen
 */
export function compare(registry, told) {
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
    told.flatMap(({ name, attributes: given }) => {
      const signal = signals.get(name)
      if (!signal) return [`${name} is not in the registry`]
      return [
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
  return { strangers: [...strangers].sort(), missing: listTold(registry).filter((entry) => !shown.has(entry)) }
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
  if (members.length > 0) return members.some((member) => member.value === value && member.stability === 'beta')
  if (attribute.type === 'string') return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
  return attribute.type === 'double' ? Number.isFinite(value) : Number.isInteger(value)
}

/**
 * All that is told: names, the attributes on them, and the values of enumerations.
 *
 * @param {import('./registry.mjs').Registry} registry
 */
function listTold({ attributes, spans, events }) {
  /** @param {{ stability: string }} entry */
  const isTold = ({ stability }) => stability === 'beta'
  return [
    ...[...spans, ...events]
      .filter(isTold)
      .flatMap(({ name, refs }) => [name, ...refs.map(({ ref }) => `${name} ${ref}`)]),
    ...attributes.flatMap((attribute) =>
      membersOf(attribute)
        .filter(isTold)
        .map(({ value }) => `${attribute.id}=${value}`),
    ),
  ]
}
