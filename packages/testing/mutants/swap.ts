import type { ESTree } from 'rolldown/utils'
import { holds, namesIn } from './tree.ts'

/** Whether swapping these two changes nothing, or is found by the compiler, or is the same as dropping one. */
export function isIdleSwap(first: ESTree.Statement, second: ESTree.Statement): boolean {
  const pair = [first, second]
  // What comes after a jump does not happen: that is the first one dropped.
  if (pair.some(({ type }) => jumps.has(type) || type === 'EmptyStatement')) return true
  // Hoisted, or types.
  if (pair.some(({ type }) => type !== 'VariableDeclaration' && type.endsWith('Declaration'))) return true
  if (isNeeded(first, second) || isNeeded(second, first)) return true
  return pair.every(isStill) || pair.some(isInert) || areExclusive(first, second)
}

const jumps = new Set(['BreakStatement', 'ContinueStatement', 'ReturnStatement', 'ThrowStatement'])

/** Whether one declares what the other names. */
function isNeeded(declaration: ESTree.Statement, by: ESTree.Statement): boolean {
  if (declaration.type !== 'VariableDeclaration') return false
  const names = namesIn(by)
  return declaration.declarations.some(({ id }) => [...namesIn(id)].some((name) => names.has(name)))
}

/** Whether both leave, each for another value of the same thing: only one of them can. */
function areExclusive(first: ESTree.Statement, second: ESTree.Statement): boolean {
  const [one, two] = [valueLeftFor(first), valueLeftFor(second)]
  return one !== null && two !== null && one.of === two.of && one.value !== two.value
}

/** Of `if (a.kind === 'b' && …) return`: `a.kind` and `b`. Null for anything else. */
function valueLeftFor(statement: ESTree.Statement): { readonly of: string; readonly value: unknown } | null {
  if (statement.type !== 'IfStatement' || statement.alternate) return null
  const { consequent } = statement
  if (!jumps.has((consequent.type === 'BlockStatement' ? consequent.body.at(-1) : consequent)?.type ?? '')) return null
  let { test } = statement
  while (test.type === 'LogicalExpression' && test.operator === '&&') test = test.left
  if (test.type !== 'BinaryExpression' || test.operator !== '===' || test.right.type !== 'Literal') return null
  const path = pathOf(test.left)
  return path === null ? null : { of: path, value: test.right.value }
}

const pathOf = (node: ESTree.Node): string | null =>
  node.type === 'Identifier'
    ? node.name
    : node.type === 'MemberExpression' && node.property.type === 'Identifier' && !node.computed
      ? `${pathOf(node.object)}.${node.property.name}`
      : null

/** Whether it declares what reads and changes nothing, such as a function or an empty map. */
function isInert(statement: ESTree.Statement): boolean {
  if (statement.type !== 'VariableDeclaration') return false
  return statement.declarations.every(
    ({ init }) =>
      init === null ||
      init.type === 'Literal' ||
      init.type === 'ArrowFunctionExpression' ||
      (init.type === 'NewExpression' &&
        init.arguments.length === 0 &&
        [...namesIn(init.callee)].every((name) => containers.has(name))),
  )
}

const containers = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'AbortController'])

/** Whether it only reads. */
const isStill = (statement: ESTree.Statement): boolean =>
  statement.type === 'VariableDeclaration' && !holds(statement, doings)

const doings = new Set([
  'AssignmentExpression',
  'AwaitExpression',
  'CallExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'UpdateExpression',
])
