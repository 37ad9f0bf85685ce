import { membersOf, readRegistry, type Signal } from '../../../../scripts/lib/registry.mjs'
import type { AuthRecord } from '../../src/index.ts'

const registry = readRegistry()
const attributes = new Map(registry.attributes.map((attribute) => [attribute.id, attribute]))
const signals = new Map(
  [...registry.spans, ...registry.events, ...registry.metrics].map((signal) => [signal.name, signal]),
)
const template = 'authflight.wait.outcomes'

/** What was told of something: the attributes of an ended span, a point, or one measurement. */
export interface Told {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

const definition = (key: string) =>
  attributes.get(key) ?? attributes.get(key.startsWith(`${template}.`) ? template : '')

/** What the registry does not allow, one line each: an unknown name, an attribute that is none of its own, a value of another type. */
export function findStrangers({ name, attributes: given }: Told): string[] {
  const signal = signals.get(name)
  if (!signal) return [`${name} is not in the registry`]
  const own = new Set(signal.refs.map(({ ref }) => ref))
  return Object.entries(given).flatMap(([key, value]) => {
    const { id = key } = definition(key) ?? {}
    if (!own.has(id)) return [`${name} has no ${key}`]
    return isOfType(key, value) ? [] : [`${name} has ${key}=${String(value)}`]
  })
}

/** The attributes that the registry requires and that are missing. */
export const findMissing = ({ name, attributes: given }: Told): string[] =>
  (signals.get(name)?.refs ?? [])
    .filter(({ ref, requirement_level: level }) => level === 'required' && ref !== template && given[ref] === undefined)
    .map(({ ref }) => `${name} lacks ${ref}`)

function isOfType(key: string, value: unknown): boolean {
  const attribute = definition(key)
  if (!attribute) return false
  const members = membersOf(attribute)
  if (members.length > 0) return members.some((member) => member.value === value && member.stability === 'beta')
  if (attribute.type === 'double') return Number.isFinite(value)
  if (attribute.type === 'int' || attribute.type === 'template[int]') return Number.isInteger(value)
  // Our own random ids and a host name: no text could hide in these.
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
}

/** All that the registry says is emitted: names, attributes on them, and values. */
export function listEmitted(): Set<string> {
  const isEmitted = ({ stability }: { stability: string }) => stability === 'beta'
  const values = registry.attributes.flatMap((attribute) =>
    membersOf(attribute)
      .filter(isEmitted)
      .map(({ value }) => `${attribute.id}=${value}`),
  )
  return new Set([...values, ...[...signals.values()].filter(isEmitted).flatMap(namesOf)])
}

const namesOf = ({ name, refs, events = [] }: Signal): string[] => [
  name,
  ...refs.map(({ ref }) => `${name} ${ref}`),
  ...events.map((event) => `${name} ! ${event}`),
]

/** The entries of the registry that this has shown to be emitted. */
export const listShown = ({ name, attributes: given }: Told): string[] => [
  name,
  ...Object.entries(given).flatMap(([key, value]) => {
    const attribute = definition(key)
    if (!attribute) return []
    return [`${name} ${attribute.id}`, ...(membersOf(attribute).length > 0 ? [`${attribute.id}=${String(value)}`] : [])]
  }),
]

/** A record as what it told. */
export const toldBy = ({ name, attributes: given }: AuthRecord): Told => ({ name, attributes: given })
