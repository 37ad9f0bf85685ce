import { Check, Info, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { ReactElement } from 'react'
import type { ErrorWords, Outcome } from './outcome.ts'
import { timeOfDay } from './time-words.ts'
import type { Happening } from './use-happenings.ts'
import './results.css'

/** What came of the last acts. The newest is spoken when it changes. */
export function Results({ happenings }: { happenings: readonly Happening[] }): ReactElement {
  const [newest, ...older] = happenings
  return (
    <section className="card results" aria-labelledby="results">
      <h2 id="results">Results</h2>
      <div role="status" aria-label="Last result" aria-atomic>
        {newest ? <Result happening={newest} /> : <p className="muted">Act, and see here what came of it.</p>}
      </div>
      {older.length > 0 && (
        <ol className="results-older" aria-label="Earlier results">
          {older.map(({ id, title, at, outcome }) => (
            <li key={id}>
              <Icon outcome={outcome} />
              <p>
                <strong>{title}</strong> <time>{timeOfDay(at)}</time>
                <span>{outcome ? summary(outcome) : 'Under way…'}</span>
              </p>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function Result({ happening: { title, at, outcome } }: { happening: Happening }): ReactElement {
  return (
    <article className="result" data-tone={outcome?.tone ?? 'running'}>
      <h3>
        <Icon outcome={outcome} />
        {title}
        <time>{timeOfDay(at)}</time>
      </h3>
      {outcome?.figures && (
        <ul className="figures" aria-hidden>
          {outcome.figures.map(({ label, value, tone }) => (
            <li key={label} data-tone={tone}>
              <strong>{value}</strong> {label}
            </li>
          ))}
        </ul>
      )}
      <p>{outcome?.text ?? 'Under way…'}</p>
      {outcome?.error && <ErrorText error={outcome.error} />}
    </article>
  )
}

function ErrorText({ error: { name, code, message } }: { error: ErrorWords }): ReactElement {
  return (
    <div className="result-error">
      <p>
        <code>{name}</code>
        {code && <code className="muted">{code}</code>}
      </p>
      <p>{message}</p>
    </div>
  )
}

function Icon({ outcome }: { outcome: Outcome | null }): ReactElement {
  if (!outcome) return <LoaderCircle className="spin" aria-hidden />
  if (outcome.tone === 'good') return <Check className="good" aria-hidden />
  if (outcome.tone === 'bad') return <TriangleAlert className="bad" aria-hidden />
  return <Info className="muted" aria-hidden />
}

function summary({ text, error }: Outcome): string {
  return error ? `${text} ${error.name}` : text
}
