import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { parseFilter } from '../../model/filter.ts'
import { formatCount } from '../../model/format.ts'
import { tones } from '../../model/names.ts'
import { usePanel } from '../context.ts'
import { useStore, useView } from '../hooks/use-store.ts'
import { useLateStyles } from '../look/late-styles.ts'
import { useRowsInView } from './rows-in-view.ts'
import { columns, orderRows, type RowFilter, type Sorting } from './table-rows.ts'

const rowHeight = 26
const template = columns.map((column) => column.width).join(' ')
const filters: readonly (readonly [RowFilter, string])[] = [
  ['all', 'Everything'],
  ['flights', 'Refreshes'],
  ['problems', 'Problems'],
]

/** Scrolls as little as it takes; all rows are of one height, and the first stays below the header. */
function showRow(scroller: HTMLElement, index: number): void {
  const top = index * rowHeight
  const room = scroller.clientHeight - rowHeight * 2
  scroller.scrollTop = Math.min(top, Math.max(scroller.scrollTop, top - room))
}

/** The timeline's twin in rows: everything that is on the canvas, for readers and for sorting. */
export function TablePane() {
  const region = useLateStyles()
  const { model, view, names, settings } = usePanel()
  const version = useStore(model, 250)
  const selectedId = useView(view, () => view.selected)
  const id = useId()
  const [filter, setFilter] = useState<RowFilter>('all')
  const [sorting, setSorting] = useState<Sorting>({ column: 'start', descending: true })
  const rows = useMemo(() => {
    model.settle()
    return orderRows(model, filter, sorting, parseFilter(settings.filter, names).test, names)
    // The version stands for what the model holds.
    // oxlint-disable-next-line exhaustive-deps
  }, [model, names, version, filter, sorting, settings.filter])
  // What these rows are rows of. The model has others once records went; a key that is pressed before that is shown means what is shown.
  const shown = model.columns
  const scroller = useRef<HTMLDivElement>(null)
  const { first, last } = useRowsInView(scroller, rowHeight, rows.length)
  const selected = rows.indexOf(shown.rowOf(selectedId) ?? -1)

  useEffect(() => {
    if (selected >= 0 && scroller.current !== null) showRow(scroller.current, selected)
    // Only when another record is selected: new rows must not take the reader back.
    // oxlint-disable-next-line exhaustive-deps
  }, [selectedId])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    }
    const step = steps[event.key]
    if (step === undefined || rows.length === 0) return
    event.preventDefault()
    const next = Math.min(rows.length - 1, Math.max(0, selected < 0 && step > 0 ? 0 : selected + step))
    view.select(shown.record(rows[next]!).id)
  }
  const sortBy = (column: Sorting['column']) =>
    setSorting({ column, descending: sorting.column === column ? !sorting.descending : column === 'start' })

  return (
    <div ref={region} className="af-table-pane">
      <div className="af-filters" role="group" aria-label="Show">
        {filters.map(([key, title]) => (
          <button
            key={key}
            type="button"
            className="af-chip"
            aria-pressed={filter === key}
            onClick={() => setFilter(key)}
          >
            {title}
          </button>
        ))}
        <span className="af-muted">{formatCount(rows.length)} rows</span>
      </div>
      <div
        ref={scroller}
        className="af-table"
        role="grid"
        aria-label="Records"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={selected >= 0 ? `${id}-${selected}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className="af-thead">
          <div role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
            {columns.map((column) => {
              const isSorted = sorting.column === column.key
              return (
                <div
                  key={column.key}
                  role="columnheader"
                  aria-sort={isSorted ? (sorting.descending ? 'descending' : 'ascending') : 'none'}
                  data-numeric={column.numeric}
                >
                  <button type="button" onClick={() => sortBy(column.key)}>
                    {column.title}
                  </button>
                </div>
              )
            })}
          </div>
        </div>
        <div role="rowgroup" style={{ height: rows.length * rowHeight }}>
          {rows.slice(first, last).map((row, at) => {
            const index = first + at
            const record = shown.record(row)
            return (
              <div
                key={record.id}
                id={`${id}-${index}`}
                role="row"
                className="af-row"
                aria-rowindex={index + 2}
                aria-selected={index === selected}
                data-tone={tones[shown.tone[row]!]}
                style={{ gridTemplateColumns: template, transform: `translateY(${index * rowHeight}px)` }}
                onClick={() => view.select(record.id)}
              >
                {columns.map((column) => (
                  <div key={column.key} role="gridcell" data-column={column.key} data-numeric={column.numeric}>
                    {column.cell(model, row, names)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
