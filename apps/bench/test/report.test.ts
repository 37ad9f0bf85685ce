import { expect, test } from 'vitest'
import { replaceFigures } from '../src/docs.ts'
import { writeReport } from '../src/report.ts'
import { always, panelResult, processesRow, resultsWith, stormRow, tabsRow } from './results.ts'

test('a report says when and on what it was measured, and has a table for each measure of the run', () => {
  const report = writeReport(
    resultsWith({
      fresh: [{ client: 'limit', cost: always(150), ratio: always(1) }],
      tabs: { browser: 'Chromium 150', rows: [tabsRow()] },
      processes: [processesRow()],
    }),
  )
  expect(report).toContain('2026-01-02, Abacus, 2 cores, 24 GiB, Linux 6, Node 24.0.0, Chromium 150.')
  expect(report.match(/^### .*/gm)).toEqual([
    '### A fresh session',
    '### Two tabs',
    '### Eight processes, a hundred callers each, one token',
  ])
  expect(report).toMatch(/\| authflight \| +1,000 \| +0 \| +1,000 \| +0 \| 66 \(66 to 66\) \|/)
  expect(report).toMatch(/\| Redis +\| +5 \| +1 \| +0 \| 80 \(80 to 80\) \|/)
})

test('the panel is reported with its frames, what opening took, and what a span weighs', () => {
  const report = writeReport(resultsWith({ panel: panelResult(1, 1.5) }))
  expect(report).toContain('### The panel on 100,000 spans')
  expect(report).toMatch(/\| live +\|/)
  expect(report).toContain('Opening on all of them took 400 (400 to 400) ms.')
})

test('a storm that did not end is said to be one', () => {
  const storm = [stormRow('limit', 1, 1), { client: 'slow', waiters: 100_000, result: null }]
  const rows = writeReport(resultsWith({ storm })).split('\n')
  expect(rows.find((row) => row.startsWith('| limit'))).toContain('100,000')
  expect(rows.find((row) => row.startsWith('| slow'))).toMatch(/^\| slow +\| not in 30 s \|/)
})

test('new figures take the place of the old ones and leave the text around them alone', () => {
  const page = [
    '# Title',
    '<!-- figures: npm run bench -- --write-docs -->',
    'old',
    '<!-- end of figures -->',
    'After.',
  ]
  const replaced = replaceFigures(page.join('\n'), 'new')
  expect(replaced).toBe([...page.slice(0, 2), '', 'new', '', ...page.slice(3)].join('\n'))
  expect(replaceFigures(replaced, 'new')).toBe(replaced)
})

test('a page without a place for figures is not touched', () => {
  expect(() => replaceFigures('# Title', 'new')).toThrow('needs a line')
})
