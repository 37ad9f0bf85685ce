import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { formatDuration } from '../model/format.ts'
import { usePanel } from './context.ts'
import { useRace } from './hooks.ts'

/** The step of an incident that is looked at, and the ways along cause and effect. */
export function RaceBar() {
  const { view } = usePanel()
  const { race, step } = useRace(view)
  const now = race?.steps[step]
  if (race === null || now === undefined) return null
  const since = now.at - race.steps[0]!.at
  return (
    <div className="af-race" role="group" aria-label="Steps of the incident">
      <button
        type="button"
        className="af-icon"
        aria-label="To its cause (left)"
        title="To its cause (←)"
        disabled={step === 0}
        onClick={() => view.stepRace(-1)}
      >
        <ChevronLeft size={15} aria-hidden />
      </button>
      <span className="af-race-number" aria-hidden>
        {step + 1}
      </span>
      <p>
        <span className="af-unseen">
          Step {step + 1} of {race.steps.length}:{' '}
        </span>
        {now.text}
        <span className="af-muted"> +{formatDuration(since)}</span>
      </p>
      <span className="af-muted">
        {step + 1} / {race.steps.length}
      </span>
      <button
        type="button"
        className="af-icon"
        aria-label="To its effect (right)"
        title="To its effect (→)"
        disabled={step === race.steps.length - 1}
        onClick={() => view.stepRace(1)}
      >
        <ChevronRight size={15} aria-hidden />
      </button>
      <button
        type="button"
        className="af-icon"
        aria-label="Show everything (Escape)"
        title="Show everything (Escape)"
        onClick={() => view.showRace(null)}
      >
        <X size={15} aria-hidden />
      </button>
    </div>
  )
}
