import { ZoomIn } from 'lucide'
import { describe } from '../../model/describe.ts'
import { reads } from '../../model/words.ts'
import { usePanel } from '../context.ts'
import { DetailHint } from './detail-hint.tsx'
import { useStore, useView } from '../hooks/use-store.ts'
import { useLateStyles } from '../look/late-styles.ts'
import { IconButton } from '../widgets/icon-button.tsx'

/** What is known of the selected record, or how to select one: its records may have gone to make room. */
export function DetailPane() {
  const { model, view } = usePanel()
  useStore(model, 250)
  const selectedId = useView(view, () => view.selected)
  const row = model.columns.rowOf(selectedId)
  return row === undefined ? <DetailHint /> : <Detail row={row} />
}

/** All that is known of a record, and the ways to what caused it and what it caused. */
function Detail({ row }: { readonly row: number }) {
  const region = useLateStyles()
  const { model, view, names, settings, traceUrl, toTimeline } = usePanel()
  const { title, tone, outcome, facts, relations, attributes, traceId } = describe(model, row, names)
  const trace = safeLink(traceUrl, traceId)
  const { id } = model.columns.record(row)
  const zoom = () => {
    toTimeline()
    view.reveal(id, true)
  }
  return (
    <aside ref={region} className="af-detail" aria-label="Detail" tabIndex={0}>
      <header>
        <h2>{title}</h2>
        {outcome !== '' && (
          <span className="af-badge" data-tone={tone}>
            {reads(outcome)}
          </span>
        )}
        <span className="af-space" />
        <IconButton
          label={settings.tab === 'timeline' ? 'Zoom to it (Enter)' : 'Zoom to it'}
          icon={ZoomIn}
          onClick={zoom}
        />
      </header>
      <dl className="af-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {trace !== null && (
        <p className="af-trace">
          <a className="af-link" href={trace} target="_blank" rel="noopener noreferrer">
            Open its trace
          </a>
        </p>
      )}
      {relations.length > 0 && (
        <div className="af-relations">
          <h3>Related</h3>
          {relations.map((relation) => (
            <button
              key={relation.record}
              type="button"
              className="af-link"
              onClick={({ currentTarget }) => {
                currentTarget.closest('aside')!.focus()
                view.reveal(relation.record)
              }}
            >
              {relation.label}
            </button>
          ))}
        </div>
      )}
      {attributes.length > 0 && (
        <div>
          <h3>Attributes</h3>
          <dl className="af-attributes">
            {attributes.map(([key, value]) => (
              <div key={key}>
                <dt>{key.replace(/^authflight\./, '')}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </aside>
  )
}

/** What the app gives is followed only over http: an address that runs code is none. */
function safeLink(traceUrl: ((traceId: string) => string | undefined) | undefined, traceId: string): string | null {
  try {
    const given = traceUrl?.(traceId)
    const url = given === undefined ? null : new URL(given, location.href)
    return url !== null && /^https?:$/.test(url.protocol) ? url.href : null
  } catch {
    return null
  }
}
