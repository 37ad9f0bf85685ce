import { Search } from 'lucide'
import { useId } from 'react'
import { completeFilter, parseFilter } from '../../model/filter.ts'
import { usePanel } from '../context.ts'
import { useStore } from '../hooks/use-store.ts'
import { Icon } from '../widgets/icon.tsx'

/** What is looked for. The platform's own list completes it. */
export function FilterField() {
  const { model, names, settings, change, focusView } = usePanel()
  useStore(model, 1_000)
  const id = useId()
  const { problem } = parseFilter(settings.filter)
  return (
    <div className="af-filter" data-some={settings.filter !== '' || undefined}>
      <Icon of={Search} />
      <input
        type="search"
        value={settings.filter}
        placeholder="Filter, such as tab:B dur>200"
        aria-label="Filter"
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        list={`${id}-words`}
        spellCheck={false}
        autoComplete="off"
        title="Filter (/)"
        onChange={(event) => change({ filter: event.target.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          change({ filter: '' })
          focusView()
        }}
      />
      <datalist id={`${id}-words`}>
        {completeFilter(settings.filter, model, names).map((query) => (
          <option key={query} value={query}>
            {query}
          </option>
        ))}
      </datalist>
      {problem !== null && (
        <p id={`${id}-problem`} className="af-filter-problem" role="status">
          {problem}
        </p>
      )}
    </div>
  )
}
