import type { ESTree } from 'rolldown/utils'
import { createNaming, type Mutant, mutate, type Operator } from './mutant.ts'
import { isIdleSwap } from './swap.ts'
import { parse, type Tree, walk } from './tree.ts'

/**
 * Every mutant of a file: a condition negated, an `await` dropped, a statement dropped, two neighbours swapped. Declarations are not
 * dropped, since the compiler misses a name that is gone, and what is the same mutant in another place is made once.
 */
export function generate(file: string, text: string): Mutant[] {
  const name = createNaming(file, text)
  const made = new Map<string, Mutant>()
  const of = (node: Tree): string => text.slice(node.start, node.end)

  function add(operator: Operator, start: number, removed: string, added: string, what: string): void {
    const at = `${start} ${removed.length} ${added}`
    if (made.has(at)) return
    const mutant = name({ operator, start, removed, added, what })
    // The others leave what can stand where they stand.
    if (operator !== 'await' || isSyntax(file, mutate(text, mutant))) made.set(at, mutant)
  }

  function negate(condition: Tree): void {
    const removed = of(condition)
    add('negate', condition.start, removed, `!(${removed})`, `negates \`${brief(removed)}\``)
  }

  /** Of an `a && b` that decides something both sides are conditions. */
  function decide(condition: ESTree.Expression): void {
    negate(condition)
    if (condition.type === 'LogicalExpression' && condition.operator !== '??') decide(condition.right)
  }

  function drop(statement: Tree): void {
    const removed = of(statement)
    add('drop', statement.start, removed, ';', `drops \`${brief(removed)}\``)
  }

  function list(statements: readonly ESTree.Statement[]): void {
    for (const [at, statement] of statements.entries()) {
      if (droppable.has(statement.type)) drop(statement)
      const next = statements[at + 1]
      if (!next || isIdleSwap(statement, next)) continue
      const between = text.slice(statement.end, next.start)
      const what = `swaps \`${brief(of(statement))}\` and \`${brief(of(next))}\``
      const removed = text.slice(statement.start, next.end)
      add('swap', statement.start, removed, of(next) + between + of(statement), what)
    }
  }

  walk(parse(file, text), (node) => {
    switch (node.type) {
      case 'IfStatement':
        // Without `else`, dropping what is in it is dropping it.
        if (node.alternate) for (const branch of [node.consequent, node.alternate]) if (isBare(branch)) drop(branch)
        return decide(node.test)
      case 'ConditionalExpression':
      case 'WhileStatement':
      case 'DoWhileStatement':
        return decide(node.test)
      case 'ForStatement':
        return node.test ? decide(node.test) : undefined
      case 'LogicalExpression':
        return node.operator === '??' ? undefined : negate(node.left)
      case 'BinaryExpression':
        return comparisons.has(node.operator) ? negate(node) : undefined
      case 'UnaryExpression':
        return node.operator === '!' ? negate(node) : undefined
      case 'AwaitExpression':
        return add('await', node.start, of(node), of(node.argument), `does not await \`${brief(of(node.argument))}\``)
      case 'BlockStatement':
        return list(node.body)
      case 'SwitchCase':
        return list(node.consequent)
    }
  })
  return [...made.values()].toSorted((a, b) => a.start - b.start)
}

const comparisons = new Set(['===', '!==', '<', '<=', '>', '>=', 'in', 'instanceof'])

const droppable = new Set([
  'BreakStatement',
  'ContinueStatement',
  'ExpressionStatement',
  'ForInStatement',
  'ForOfStatement',
  'ForStatement',
  'IfStatement',
  'ReturnStatement',
  'ThrowStatement',
  'WhileStatement',
])

/** A branch that is one statement without braces. An `else if` is a condition of its own. */
const isBare = ({ type }: ESTree.Statement): boolean => droppable.has(type) && type !== 'IfStatement'

/** On one line, and not too long. */
function brief(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ')
  return line.length > 70 ? `${line.slice(0, 68)} …` : line
}

function isSyntax(file: string, text: string): boolean {
  try {
    parse(file, text)
    return true
  } catch {
    return false
  }
}
