import { membersOf, registryPath } from './registry.mjs'

/**
 * The registry as TypeScript: types for the compiler, which cost an app nothing, and the few values that are needed at run time.
 *
 * @param {import('./registry.mjs').Registry} registry
 */
export function toTypeScript({ attributes, spans, events, metrics }) {
  const enums = attributes.filter((attribute) => membersOf(attribute).length > 0)
  return [
    `// Made of ${registryPath} by \`npm run generate\`. Not edited by hand.`,
    ...enums.map(
      (attribute) => `${comment(attribute.brief)}export type ${typeName(attribute.id)} = ${union(attribute)}`,
    ),
    comment('The only attributes there are, with their only types.') +
      `export type Attributes = {\n${attributes.map(property).join('\n')}\n}`,
    `export type OperationName = ${join(spans)}`,
    comment('Instants the panel needs beside the spans.') + `export type PointName = ${join(events)}`,
    comment('Details on the span of an operation.') +
      `export type SpanEventName = ${spans.flatMap(({ events: own = [] }) => own.map(quote)).join(' | ')}`,
    comment(
      'Each metric: the operation it is told by, its name, instrument and unit, what it is told with, and the bounds of its buckets.',
    ) + `export const measures: readonly Measure[] = [\n${metrics.map(measure).join('\n')}\n]`,
    `export type Measure = readonly [OperationName, string, ${Object.values(instruments).map(quote).join(' | ')}, string, readonly (keyof Attributes)[], (readonly number[])?]`,
    comment('The codes of RFC 6749 5.2, RFC 9449 and RFC 7009.') +
      `export const oauthErrors: readonly string[] = [${codes(attributes).join(', ')}]`,
  ].join('\n\n')
}

/** @param {string} id such as `authflight.refresh.outcome` */
const typeName = (id) =>
  id
    .replace('authflight.', '')
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

/** @param {string} text */
const quote = (text) => `'${text}'`
/** @param {string} text */
const comment = (text) => `/** ${text} */\n`

/** @param {import('./registry.mjs').Attribute} attribute */
const union = (attribute) =>
  membersOf(attribute)
    .map(({ value }) => quote(value))
    .join(' | ')

/** @param {import('./registry.mjs').Signal[]} signals */
const join = (signals) => signals.map(({ name }) => quote(name)).join(' | ')

/** @param {import('./registry.mjs').Attribute} attribute */
function property({ id, type, brief }) {
  if (type === 'template[int]') return `  /** ${brief} */\n  [key: \`${id}.\${string}\`]: number`
  const written = typeof type === 'object' ? typeName(id) : type === 'string' ? 'string' : 'number'
  return `  /** ${brief} */\n  '${id}'?: ${written}`
}

const instruments = { histogram: 'createHistogram', counter: 'createCounter', updowncounter: 'createUpDownCounter' }

/** @param {import('./registry.mjs').Signal} metric */
function measure({ name, instrument = 'counter', unit = '', annotations, refs }) {
  const texts = [annotations?.operation ?? '', name, instruments[instrument], unit].map(quote)
  const keys = `[${refs.map(({ ref }) => quote(ref)).join(', ')}]`
  const bounds = annotations?.boundaries ? [`[${annotations.boundaries.join(', ')}]`] : []
  return `  [${[...texts, keys, ...bounds].join(', ')}],`
}

/** @param {import('./registry.mjs').Attribute[]} attributes */
const codes = (attributes) =>
  attributes
    .filter(({ id }) => id === 'authflight.oauth.error')
    .flatMap(membersOf)
    .map(({ value }) => value)
    .filter((value) => value !== '_OTHER')
    .map(quote)
