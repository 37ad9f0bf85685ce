import type { RecordLink } from '../../src/index.ts'
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

/** Names a span or a record among others: its id is good in its own trace only. */
export const keyOf = ({ traceId, id }: RecordLink): string => `${traceId}-${id}`

/**
 * Spans or records as a readable tree, children below their parents, in order of their beginning:
 *
 * ```
 * caller
 *   refresh trigger=forced outcome=rotated → wait 1, wait 2
 *     token_request
 *   wait 1 outcome=rotated → refresh
 *   wait 2 outcome=rotated → refresh
 * ```
 *
 * `→` leads to what it links to; where several have its name they are numbered. A parent that is none of ours, by its `keyOf`, stands by the name
 * that it is given in `others`; else it is `?`, as is one in another trace than its child's, and what a link with the wrong trace leads to.
 */
export function drawTree(seen: readonly Seen[], others: Readonly<Record<string, string>> = {}): string {
  const ours = new Map(seen.map((one) => [keyOf(one), one]))
  const linked = new Set(seen.flatMap(({ links }) => links.map((link) => ours.get(keyOf(link))?.name)))
  const numberOf = (one: Seen): string => {
    const alike = linked.has(one.name) ? seen.filter(({ name }) => name === one.name) : []
    return alike.length > 1 ? ` ${alike.indexOf(one) + 1}` : ''
  }
  const nameOf = (key: string): string => {
    const one = ours.get(key)
    return one ? one.name.replace('authflight.', '') + numberOf(one) : (others[key] ?? '?')
  }
  const lineOf = (one: Seen): string => {
    const facts = told.flatMap((key) => {
      const value = one.attributes[`authflight.${key}`]
      return typeof value === 'string' ? [` ${last(key)}=${value}`] : []
    })
    const mark = one.status === 'error' ? ' !' : ''
    const to = one.links.length === 0 ? '' : ` → ${one.links.map((link) => nameOf(keyOf(link))).join(', ')}`
    return nameOf(keyOf(one)) + facts.join('') + mark + to
  }
  const parentOf = ({ traceId, parentId }: Seen): string | null => parentId && keyOf({ traceId, id: parentId })
  const childrenOf = (parent: string | null): Seen[] => seen.filter((one) => parentOf(one) === parent)
  const draw = (one: Seen, depth: number): string[] => [
    '  '.repeat(depth) + lineOf(one),
    ...childrenOf(keyOf(one)).flatMap((child) => draw(child, depth + 1)),
  ]
  const outside = new Set(seen.map(parentOf).filter((key) => key !== null && !ours.has(key)) as string[])
  const guests = [...outside].flatMap((key) => [nameOf(key), ...childrenOf(key).flatMap((child) => draw(child, 1))])
  return [...guests, ...childrenOf(null).flatMap((one) => draw(one, 0))].join('\n')
}
