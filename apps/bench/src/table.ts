import type { Spread } from './statistics.ts'

/**
 * A Markdown table, which is as good to read in a terminal. The first column is text, the others are figures.
 *
 * @param head as many cells as every row has
 */
export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(3, cell.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const align = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [head.map(align), rule, ...rows.map((row) => row.map(align))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

/** Three digits that count, and commas between thousands: `0.0123`, `1.20`, `152`, `4,528`. */
export function writeNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

/** `152 (148 to 171)` */
export const writeSpread = ({ median, min, max }: Spread): string =>
  `${writeNumber(median)} (${writeNumber(min)} to ${writeNumber(max)})`

/** `1.20×` */
export const writeRatio = ({ median }: Spread): string => `${writeNumber(median)}×`
