import type { AccountGroup } from '../../model/lanes.ts'
import type { RecordModel } from '../../model/record-model.ts'
import type { Names } from '../../model/whose.ts'
import { usePanel } from '../context.ts'
import { useStore } from '../hooks/use-store.ts'
import type { LaneRow, LaneRows } from '../../timeline/lane-rows.ts'

/** The names of the lines, beside the canvas. */
export function LaneLabels({ rows }: { readonly rows: LaneRows }) {
  const { model, names, settings } = usePanel()
  useStore(model, 500)
  return (
    <ul className="af-lane-labels">
      {rows.rows.map((row) => {
        const isByTab = settings.grouping === 'tab' && row.kind !== 'ribbon'
        const beside = [isByTab && nameGroup(row.group, names), isThisTab(row, model) && 'this tab'].filter(Boolean)
        return (
          <li key={row.key} data-kind={row.kind} style={{ top: row.y, height: row.height }}>
            {nameRow(row, model, names)}
            {beside.length > 0 && <small>{beside.join(' · ')}</small>}
            {isCrowded(row) && <small>more in the table</small>}
          </li>
        )
      })}
    </ul>
  )
}

function nameRow(row: LaneRow, model: RecordModel, names: Names): string {
  switch (row.kind) {
    case 'ribbon':
      return nameGroup(row.group, names)
    case 'lane':
      return model.labels.client(row.lane.tab, row.lane.client)
    default:
      return row.kind
  }
}

function nameGroup(group: AccountGroup | undefined, names: Names): string {
  const session = group?.sessions[0]
  return session === undefined ? '' : names.account(session.id, session.account)
}

/** Said only where there are others. */
function isThisTab(row: LaneRow, model: RecordModel): boolean {
  return row.kind === 'lane' && model.labels.tabCount > 1 && model.localTabs.has(row.lane.tab)
}

function isCrowded(row: LaneRow): boolean {
  return row.kind === 'lane' && [...row.lane.flights, ...row.lane.nested].some((track) => track.isCrowded)
}
