import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runTool } from '../../../scripts/lib/run-tool.mjs'
import { home } from './clients/load.ts'

const page = fileURLToPath(new URL('../../docs/benchmarks.md', home))
const [begin, end] = ['<!-- figures: npm run bench -- --write-docs -->', '<!-- end of figures -->']

/** Puts the tables of a run into the page, in the place of those of the run before. */
export async function writeDocs(report: string): Promise<void> {
  writeFileSync(page, replaceFigures(readFileSync(page, 'utf8'), report))
  await runTool('oxfmt', [page])
}

/** @throws where the page does not say between which two lines they stand. */
export function replaceFigures(text: string, figures: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`The page needs a line ${begin} and after it a line ${end}.`)
  return `${text.slice(0, from + begin.length)}\n\n${figures}\n\n${text.slice(to)}`
}
