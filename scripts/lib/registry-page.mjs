import { countSeries, emittersOf, eventsOf, membersOf } from './registry.mjs'

/**
 * Puts the registry's tables into a page: whatever stands between `<!-- registry: name -->` and `<!-- end -->`. The rest of the
 * page is written by hand.
 *
 * @param {string} page
 * @param {import('./registry.mjs').Registry} registry
 */
export function fillPage(page, registry) {
  const tables = tablesOf(registry)
  return page.replaceAll(/<!-- registry: (\w+) -->[^]*?<!-- end -->/g, (_, name) => {
    const rows = tables[name]
    if (!rows) throw new Error(`There is no table \`${name}\`. There are ${Object.keys(tables).join(', ')}.`)
    return `<!-- registry: ${name} -->\n\n${rows.join('\n')}\n\n<!-- end -->`
  })
}

/**
 * @param {import('./registry.mjs').Registry} registry
 * @returns {Record<string, string[]>}
 */
const tablesOf = (registry) => {
  const { attributes, spans, events, metrics } = registry
  return {
    spans: table(
      ['span', 'kind', 'what it is', 'attributes'],
      spans.map((span) => [
        code(span),
        span.span_kind ?? '',
        [described(span), ...ownEvents(span)].join(' '),
        refs(span),
      ]),
    ),
    points: table(
      ['record', 'what it is', 'attributes'],
      events.map((event) => [code(event), described(event), refs(event)]),
    ),
    metrics: table(
      ['metric', 'instrument, unit', 'what it is', 'attributes', 'series at most'],
      metrics.map((metric) => [
        code(metric),
        `${metric.instrument}, ${metric.unit}`,
        described(metric),
        refs(metric),
        series(registry, metric),
      ]),
    ),
    attributes: table(
      ['attribute', 'type', 'what it is'],
      attributes.map((attribute) => [
        `\`${attribute.id}\``,
        membersOf(attribute).length > 0 ? 'enum' : /** @type {string} */ (attribute.type),
        described(attribute),
      ]),
    ),
    values: attributes.filter((attribute) => membersOf(attribute).length > 0).flatMap(valuesOf),
  }
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)]

/** @param {string[]} cells */
const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** @param {import('./registry.mjs').Attribute} attribute */
const valuesOf = (attribute) => [
  `**\`${attribute.id}\`** ${attribute.brief}`,
  '',
  ...membersOf(attribute).map((member) => `- \`${member.value}\` ${described(member)}`.trimEnd()),
  '',
]

/**
 * @param {import('./registry.mjs').Registry} registry
 * @param {import('./registry.mjs').Signal} metric
 */
function series(registry, metric) {
  const { count, forEach } = countSeries(registry, metric)
  return [count, ...forEach.map((ref) => `for each \`${ref}\``)].join(' ')
}

/** @param {{ name: string }} signal */
const code = ({ name }) => `\`${name}\``

/** @param {{ brief?: string, note?: string, annotations?: import('./registry.mjs').Annotations }} entry */
const described = ({ brief = '', note, ...entry }) => {
  const emitters = emittersOf(entry)
  const servers = emitters.includes('server') && (emitters.length > 1 ? 'Servers tell it too.' : 'Servers only.')
  return [brief, note, servers].filter(Boolean).join(' ')
}

/** @param {import('./registry.mjs').Signal} span */
function ownEvents(span) {
  const events = eventsOf(span).map(({ name, attributes }) =>
    [`\`${name}\``, ...attributes.map((id) => `with \`${id}\``)].join(' '),
  )
  return events.length > 0 ? [`Events (client only): ${events.join(', ')}.`] : []
}

/** @param {import('./registry.mjs').Signal} signal */
const refs = ({ refs: found }) => found.map((ref) => [`\`${ref.ref}\``, ...conditionsOf(ref)].join(' ')).join(', ')

/** @param {import('./registry.mjs').Reference} ref */
function conditionsOf({ requirement_level: level, ...ref }) {
  const conditions = [
    ...(level === 'required' ? [] : [level.conditionally_required]),
    ...(ref.annotations ? [`${emittersOf(ref).join(' and ')} only`] : []),
  ]
  return conditions.length > 0 ? [`(${conditions.join('; ')})`] : []
}
