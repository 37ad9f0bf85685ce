import type { Mutant, Operator } from './mutant.ts'

/** What came of one mutant. */
export interface Result {
  readonly mutant: Mutant
  /** Null: it has survived. */
  readonly caught: { readonly by: 'explorer' | 'unit tests'; readonly how: string } | null
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
  const head = ['', 'mutants', 'explorer', 'unit tests', 'survived']
  const lines = [...rows].map(([name, of]) => [name, ...count(of)])
  return [head, head.map(() => '---'), ...lines, ['**all**', ...count(results)]]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function count(of: readonly Result[]): string[] {
  const by = (who: string): number => of.filter(({ caught }) => caught?.by === who).length
  const survived = of.filter(({ caught }) => !caught).length
  return [of.length, by('explorer'), by('unit tests'), survived].map(String)
}

export const tell = ({ mutant: { id, file, line, what }, caught }: Result): string =>
  `${(caught ? `caught by ${caught.by}` : 'SURVIVED').padEnd(21)} ${id} ${file}:${line} ${what}${caught ? ` (${caught.how})` : ''}`

/** At least so many of a hundred are to be caught. */
const bar = 95

/**
 * What is wrong with these results: too few caught, a survivor without a reason, a reason for one that is caught. `known`: the ids of
 * all mutants there are.
 */
export function complain(
  results: readonly Result[],
  known: ReadonlySet<string>,
  equivalent: Readonly<Record<string, string>>,
): string[] {
  const caught = results.filter((result) => result.caught)
  const percent = (100 * caught.length) / Math.max(results.length, 1)
  return [
    ...(percent < bar ? [`${percent.toFixed(1)} % are caught, and ${bar} % should be.`] : []),
    ...results
      .filter(({ mutant, caught }) => !caught && !Object.hasOwn(equivalent, mutant.id))
      .map(
        ({ mutant: { id, file, line, what } }) =>
          `${id} has survived, and no reason is given (${file}:${line} ${what})`,
      ),
    ...caught
      .filter(({ mutant }) => Object.hasOwn(equivalent, mutant.id))
      .map(({ mutant }) => `${mutant.id} is said to change nothing, and is caught: take it out of equivalent.ts.`),
    ...Object.keys(equivalent)
      .filter((id) => !known.has(id))
      .map((id) => `${id} is said to change nothing, and does not exist: take it out of equivalent.ts.`),
  ]
}
