import { usePanel } from '../context.ts'

/** What stands where the selected record will. */
export function DetailHint() {
  const { settings } = usePanel()
  return (
    <aside className="af-detail" aria-label="Detail">
      <p className="af-hint">
        Select a {settings.tab === 'table' ? 'row' : 'bar'} to see what became of it. On the timeline: <kbd>n</kbd>{' '}
        <kbd>p</kbd> problems, <kbd>j</kbd> <kbd>k</kbd> refreshes, <kbd>w</kbd> <kbd>s</kbd> zoom, <kbd>f</kbd> fit,{' '}
        <kbd>space</kbd> live, <kbd>?</kbd> all keys.
      </p>
    </aside>
  )
}
