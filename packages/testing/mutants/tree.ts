import { type ESTree, parseSync } from 'rolldown/utils'

/** Any node of a syntax tree. */
export interface Tree {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** @throws {SyntaxError} where it is no TypeScript. */
export function parse(file: string, text: string): ESTree.Program {
  const { program, errors } = parseSync(file, text)
  const problem = errors[0]
  if (problem) throw new SyntaxError(`${file}: ${problem.message}`)
  return program
}

/** Calls back with a node and all that is in it, outermost first. */
export function walk(tree: Tree, visit: (node: ESTree.Node) => void): void {
  visit(tree as ESTree.Node)
  for (const value of Object.values(tree))
    for (const child of Array.isArray(value) ? value : [value]) if (isTree(child)) walk(child, visit)
}

/** Whether a node of these types is in it. */
export function holds(tree: Tree, types: ReadonlySet<string>): boolean {
  let found = false
  walk(tree, ({ type }) => (found ||= types.has(type)))
  return found
}

/** All names in it, of whatever kind. */
export function namesIn(tree: Tree): Set<string> {
  const names = new Set<string>()
  walk(tree, (node) => node.type === 'Identifier' && names.add(node.name))
  return names
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Tree>).type === 'string'
