import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../lib/root.mjs'

interface Row {
  readonly behaviour: string
  readonly here: string
  readonly tests: string
}

const page = readFileSync(join(root, 'docs/seeds.md'), 'utf8')
const rows = readRows(page)

test('docs/seeds.md has rows on each of the three texts', () => {
  expect(page.match(/^## (One|Two|Three): /gm)).toHaveLength(3)
  expect(rows.length).toBeGreaterThan(40)
})

test.each(rows)('$behaviour: says what became of it, and names a test that is there', ({ here, tests }) => {
  // What was changed on purpose has a reason.
  expect(here).toMatch(/^_(kept|lifted)_|^_changed_: .{20}/)
  const names = [...tests.matchAll(/(`+) ?(.+?) ?\1/g)].map((match) => match[2] ?? '')
  const files = [...tests.matchAll(/\]\((.+?)\)/g)].map((match) => match[1] ?? '')
  expect(names).not.toEqual([])
  expect(files).not.toEqual([])
  const code = files.map((file) => readFileSync(join(root, 'docs', file), 'utf8')).join('\n')
  expect(names.filter((name) => !code.includes(`'${name}'`))).toEqual([])
})

/** The rows of all tables, without their heads. A cell that is missing is empty. */
function readRows(markdown: string): Row[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (behaviour|-)/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, behaviour = '', here = '', tests = '']) => ({ behaviour, here, tests }))
}
