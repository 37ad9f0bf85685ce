import type { Mutant, Operator } from './mutant.ts'

export type Verdict =
  | { readonly kind: 'caught'; readonly by: 'explorer' | 'unit tests'; readonly how: string }
  /** The explorer and all unit tests have passed on it. */
  | { readonly kind: 'survived' }
  /** Not played so far, or not by all. */
  | { readonly kind: 'unsettled' }

/** What came of one mutant. */
export interface Result {
  readonly mutant: Mutant
  readonly verdict: Verdict
}

const operators: Readonly<Record<Operator, string>> = {
  negate: 'condition negated',
  await: '`await` dropped',
  drop: 'statement dropped',
  swap: 'two swapped',
  'by-hand': 'by hand',
}

/** The results by file and operator, as a table in Markdown. */
export function drawTable(results: readonly Result[]): string {
  const rows = new Map<string, Result[]>()
  for (const result of results) {
    const { file, operator } = result.mutant
    const row = operator === 'by-hand' ? operators[operator] : `\`${file}\`, ${operators[operator]}`
    rows.set(row, [...(rows.get(row) ?? []), result])
  }
  const head = ['', 'mutants', 'explorer', 'unit tests', 'survived', 'unsettled']
  const lines = [...rows].map(([name, of]) => [name, ...count(of)])
  return [head, head.map(() => '---'), ...lines, ['**all**', ...count(results)]]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function count(of: readonly Result[]): string[] {
  const by = (who: string): number => of.filter(({ verdict: it }) => it.kind === 'caught' && it.by === who).length
  const like = (kind: Verdict['kind']): number => of.filter(({ verdict }) => verdict.kind === kind).length
  return [of.length, by('explorer'), by('unit tests'), like('survived'), like('unsettled')].map(String)
}

export function tell({ mutant, verdict }: Result): string {
  const [fate, how] = verdict.kind === 'caught' ? [`caught by ${verdict.by}`, ` (${verdict.how})`] : [verdict.kind, '']
  return `${fate.padEnd(21)} ${describe(mutant)}${how}`
}

const describe = ({ id, file, line, what }: Mutant): string => `${id} ${file}:${line} ${what}`

/** At least so many of a hundred are to be caught, of those that anybody could tell from the client. */
const bar = 95

type Reasons = Readonly<Record<string, string>>

interface Score {
  readonly caught: number
  /** Those that are not caught, and that nobody can tell from the client. */
  readonly same: number
  /** How many are caught of a hundred that can be told from the client. */
  readonly percent: number
}

function scoreOf(results: readonly Result[], equivalent: Reasons): Score {
  const isCaught = ({ verdict }: Result): boolean => verdict.kind === 'caught'
  const caught = results.filter(isCaught).length
  const same = results.filter((result) => !isCaught(result) && Object.hasOwn(equivalent, result.mutant.id)).length
  return { caught, same, percent: (100 * caught) / (results.length - same) }
}

/** How many are caught, of all and of those that anybody could tell from the client. */
export function drawScore(results: readonly Result[], equivalent: Reasons): string {
  const { caught, same, percent } = scoreOf(results, equivalent)
  const all = ((100 * caught) / results.length).toFixed(1)
  return `${caught} of ${results.length} are caught: ${all} %, and ${percent.toFixed(1)} % without the ${same} that nobody can tell from the client.`
}

/** What is wrong with the results of all mutants: too few caught, a survivor without a reason, a reason that is out of date. */
export function complain(results: readonly Result[], equivalent: Reasons): string[] {
  const of = (kind: Verdict['kind']): Mutant[] =>
    results.flatMap(({ mutant, verdict }) => (verdict.kind === kind ? [mutant] : []))
  const isEquivalent = ({ id }: Mutant): boolean => Object.hasOwn(equivalent, id)
  const [caught, survived, unsettled] = [of('caught'), of('survived'), of('unsettled')]
  const { percent } = scoreOf(results, equivalent)
  const known = new Set(results.map(({ mutant }) => mutant.id))
  return [
    ...(unsettled.length > 0 ? [`${unsettled.length} are not settled yet: --unsettled plays those.`] : []),
    ...(percent < bar
      ? [`${percent.toFixed(1)} % of those that can be told from the client are caught, and ${bar} % should be.`]
      : []),
    ...survived
      .filter((mutant) => !isEquivalent(mutant))
      .map((mutant) => `No reason is given why this has survived: ${describe(mutant)}`),
    ...caught
      .filter(isEquivalent)
      .map(({ id }) => `${id} is said to change nothing, and is caught: take it out of equivalent.ts.`),
    ...Object.keys(equivalent)
      .filter((id) => !known.has(id))
      .map((id) => `${id} is said to change nothing, and does not exist: take it out of equivalent.ts.`),
  ]
}
