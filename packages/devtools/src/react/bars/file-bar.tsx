import { formatCount, formatDuration, plural } from '../../model/format.ts'
import type { Opened } from '../auth-devtools-panel.tsx'
import { usePanel } from '../context.ts'

/** Says that a file is shown, and the way back. */
export function FileBar({ opened, onClose }: { readonly opened: Opened; readonly onClose: (() => void) | null }) {
  const { model } = usePanel()
  const { from, to, size } = model.columns
  const tabs = model.labels.tabCount
  return (
    <div className="af-file">
      <p>
        <strong>{opened.name}</strong> {formatCount(size)} records of {plural(tabs, 'tab')}
        {size > 0 && `, ${formatDuration(to - from)}`}
        {opened.recording.isCut && '. Its last line was cut off and is left out.'}
      </p>
      {onClose !== null && (
        <button type="button" className="af-link" onClick={onClose}>
          Close file
        </button>
      )}
    </div>
  )
}
