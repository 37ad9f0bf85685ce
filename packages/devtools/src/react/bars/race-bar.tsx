import { ChevronLeft, ChevronRight, X } from 'lucide'
import { useEffect } from 'react'
import { formatDuration } from '../../model/format.ts'
import { judge } from '../../verdicts/judge.ts'
import { usePanel } from '../context.ts'
import { useStore, useView } from '../hooks/use-store.ts'
import { IconButton } from '../widgets/icon-button.tsx'

/** The step of an incident that is looked at, and the ways along cause and effect. */
export function RaceBar() {
  const { model, view, names, focusView } = usePanel()
  const version = useStore(model, 500)
  const race = useView(view, () => view.race)
  const step = useView(view, () => view.step)
  useEffect(() => {
    if (view.race !== null) view.followRace(judge(model, names))
  }, [model, view, names, version])
  const now = race?.steps[step]
  if (race === null || now === undefined) return null
  const close = () => {
    focusView()
    view.showRace(null)
  }
  const since = now.at - race.steps[0]!.at
  return (
    <div className="af-race" role="group" aria-label="Steps of the incident">
      <IconButton
        label="To its cause (←)"
        icon={ChevronLeft}
        aria-disabled={step === 0}
        onClick={() => view.stepRace(-1)}
      />
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
      <IconButton
        label="To its effect (→)"
        icon={ChevronRight}
        aria-disabled={step === race.steps.length - 1}
        onClick={() => view.stepRace(1)}
      />
      <IconButton label="Show everything (Escape)" icon={X} onClick={close} />
    </div>
  )
}
