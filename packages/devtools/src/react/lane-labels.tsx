import type { RecordModel } from '../model/record-model.ts'
import { useStore } from './hooks.ts'
import type { LaneRow, LaneRows } from '../timeline/lane-rows.ts'

interface LaneLabelsProps {
  readonly rows: LaneRows
  readonly model: RecordModel
  readonly accountLabel: ((account: string) => string | undefined) | undefined
}

/** The names of the lines, beside the canvas. */
export function LaneLabels({ rows, model, accountLabel }: LaneLabelsProps) {
  useStore(model, 500)
  return (
    <ul className="af-lane-labels">
      {rows.rows.map((row) => (
        <li key={row.key} data-kind={row.kind} style={{ top: row.y, height: row.height }}>
          {nameRow(row, model, accountLabel)}
          {isThisTab(row, model) && <small>this tab</small>}
        </li>
      ))}
    </ul>
  )
}

function nameRow(row: LaneRow, model: RecordModel, accountLabel: LaneLabelsProps['accountLabel']): string {
  switch (row.kind) {
    case 'ribbon': {
      const account = row.group.sessions[0]?.account ?? null
      return (account === null ? undefined : accountLabel?.(account)) ?? `Account ${row.group.number}`
    }
    case 'lane':
      return model.labels.client(row.lane.tab, row.lane.client)
    default:
      return row.kind
  }
}

/** Said only where there are others. */
function isThisTab(row: LaneRow, model: RecordModel): boolean {
  return row.kind === 'lane' && model.labels.tabCount > 1 && model.localTabs.has(row.lane.tab)
}
