// A program's text without its words, to see what they weigh. It is measured, and never run.
import { parseAst } from 'rolldown/parseAst'

/**
 * @typedef {{ start: number, end: number, text: string }} Edit
 * @typedef {{ type: string, start: number, end: number, [field: string]: unknown }} Node
 */

/**
 * Without each text in it that has a space: what errors and warnings say.
 *
 * @param {string} text
 */
export function dropSentences(text) {
  /** @type {Edit[]} */
  const edits = []
  walk(text, (node) => {
    if (node.type === 'Literal' && String(node.value).includes(' ')) edits.push({ ...rangeOf(node), text: '""' })
    if (node.type === 'TemplateElement' && text.slice(node.start, node.end).includes(' ')) {
      edits.push({ ...rangeOf(node), text: '' })
    }
  })
  return edit(text, edits)
}

/**
 * With a letter or two for each name of a member, the shortest for the most frequent.
 *
 * @param {string} text
 */
export function dropNames(text) {
  /** @type {Map<string, (Node & { isShorthand: boolean })[]>} */
  const names = new Map()
  walk(text, (node) => {
    const key = /** @type {Node | undefined} */ (node.type === 'MemberExpression' ? node.property : node.key)
    if (node.computed || key?.type !== 'Identifier') return
    const name = String(key.name)
    names.set(name, [...(names.get(name) ?? []), { ...key, isShorthand: node.shorthand === true }])
  })
  const byUse = [...names.values()].toSorted((a, b) => b.length - a.length)
  const edits = byUse.flatMap((uses, at) =>
    uses.map((use) => ({
      ...rangeOf(use),
      text: use.isShorthand ? `${letters(at)}:${String(use.name)}` : letters(at),
    })),
  )
  return edit(text, edits)
}

/** @param {number} n */
const letters = (n) => n.toString(36).replace(/^\d/, (digit) => `_${digit}`)

/** @param {Node} node */
const rangeOf = ({ start, end }) => ({ start, end })

/**
 * @param {string} text
 * @param {Edit[]} edits
 */
const edit = (text, edits) =>
  edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((all, { start, end, text: instead }) => all.slice(0, start) + instead + all.slice(end), text)

/**
 * @param {string} text
 * @param {(node: Node) => void} visit
 */
function walk(text, visit) {
  /** @param {unknown} value */
  const go = (value) => {
    if (Array.isArray(value)) return value.forEach(go)
    if (typeof value !== 'object' || value === null) return
    if ('type' in value) visit(/** @type {Node} */ (value))
    Object.values(value).forEach(go)
  }
  go(parseAst(text))
}
