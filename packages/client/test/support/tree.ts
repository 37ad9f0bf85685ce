import type { Seen } from './observe.ts'

const last = (key: string): string => key.split('.').slice(-1)[0] ?? key

/** What tells one operation from another of its name. */
const told = [
  'refresh.trigger',
  'refresh.outcome',
  'wait.outcome',
  'discard.reason',
  'contention.kind',
  'contention.resolution',
  'session_end.reason',
  'call.outcome',
  'message.outcome',
]

/**
 * Spans or records as a readable tree, children below their parents, in order of their beginning:
 *
 * ```
 * caller
 *   refresh trigger=forced outcome=rotated → wait
 *     token_request
 * ```
 *
 * `→` leads to what it links to. A parent that is none of ours stands by the name it is given in `others`; else it is `?`.
 */
export function drawTree(seen: readonly Seen[], others: Readonly<Record<string, string>> = {}): string {
  const ours = new Map(seen.map((one) => [one.id, one]))
  const nameOf = (id: string): string => ours.get(id)?.name.replace('authflight.', '') ?? others[id] ?? '?'
  const lineOf = ({ id, attributes, links, status }: Seen): string => {
    const facts = told.flatMap((key) => {
      const value = attributes[`authflight.${key}`]
      return typeof value === 'string' ? [` ${last(key)}=${value}`] : []
    })
    const mark = status === 'error' ? ' !' : ''
    const to = links.length === 0 ? '' : ` → ${links.map((link) => nameOf(link.id)).join(', ')}`
    return nameOf(id) + facts.join('') + mark + to
  }
  const draw = (one: Seen, depth: number): string[] => [
    '  '.repeat(depth) + lineOf(one),
    ...childrenOf(one.id).flatMap((child) => draw(child, depth + 1)),
  ]
  const childrenOf = (id: string): Seen[] => seen.filter(({ parentId }) => parentId === id)
  const outside = new Set(seen.flatMap(({ parentId }) => (parentId !== null && !ours.has(parentId) ? [parentId] : [])))
  const roots = seen.filter(({ parentId }) => parentId === null).flatMap((one) => draw(one, 0))
  const guests = [...outside].flatMap((id) => [nameOf(id), ...childrenOf(id).flatMap((child) => draw(child, 1))])
  return [...guests, ...roots].join('\n')
}
