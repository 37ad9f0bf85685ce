import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { reportApi } from '../lib/api-report.mjs'
import { listDifferences } from '../lib/differences.mjs'

// Each report takes a compiler a second or two of work.
vi.setConfig({ testTimeout: 60_000 })

/** A built package of two entry points. */
function buildPackage(declarations: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'authflight-package-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const exports = {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './parts/engine': { types: './dist/parts/engine.d.ts', default: './dist/parts/engine.js' },
    './package.json': './package.json',
  }
  const files = { 'package.json': JSON.stringify({ name: 'package-of-this-test', exports }), ...declarations }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const index = (parameter: string) =>
  `interface Hidden {\n  readonly size: ${parameter};\n}\nexport declare function start(engine: Hidden): void;\nexport {};\n`
const engine = 'export declare const horses: number;\n'

test('the report shows every entry point, what its types are made of, and nothing of how it was built', () => {
  const folder = buildPackage({ 'dist/index.d.ts': index('string'), 'dist/parts/engine.d.ts': engine })
  const report = reportApi(folder)
  expect(report).toContain('export function start(engine: Hidden): void;')
  expect(report).toMatch(/declare namespace from_parts_engine \{\s+export \{\s+horses\s+\}/)
  expect(report).toContain('const horses: number;')
  expect(report).not.toContain(folder)
  expect(readdirSync(join(folder, 'dist'))).toEqual(['index.d.ts', 'parts'])
})

test('a type that changed behind an unchanged name is a difference of one line', () => {
  const [before, now] = ['string', 'number'].map((size) =>
    reportApi(buildPackage({ 'dist/index.d.ts': index(size), 'dist/parts/engine.d.ts': engine })),
  )
  expect(listDifferences(before ?? '', now ?? '').map((line) => line.replace(/\s+/g, ' '))).toEqual([
    '- readonly size: string;',
    '+ readonly size: number;',
  ])
})

test('a package that was not built is an error, not an empty report', () => {
  expect(() => reportApi(buildPackage({ 'dist/index.d.ts': index('string') }))).toThrow(/engine/)
})

test('differences are the lines that one text has more often than the other', () => {
  expect(listDifferences('a\nb\nb\nc', 'c\na\nb\nd')).toEqual(['- b', '+ d'])
  expect(listDifferences('a\nb', 'b\na')).toEqual([])
})
