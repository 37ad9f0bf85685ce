import type { RecordModel } from '../model/record-model.ts'
import { type Names, plainNames } from '../model/whose.ts'
import { openEndCase } from './end-case.ts'
import { endRules } from './end-rules.ts'
import { flightRules, openFlightCase } from './flight-rules.ts'
import { findIncidents, type Incident } from './incidents.ts'
import type { Cause, Finding, Verdict } from './verdict.ts'

/** Most ends, and most failures, that are explained at once. */
const mostIncidents = 50

const harmless: readonly Cause[] = ['signed_out_here', 'signed_out_elsewhere', 'signed_out_during_refresh', 'replaced']

/**
 * Explains what went wrong in a recording, newest first. Deterministic: the same records give the same verdicts. For each
 * incident the first rule that matches speaks; the last rule of all says that the cause is unknown, and what was not recorded.
 * `within` milliseconds of the newest only, where older ones are not asked for: an end is weighed with all flights of its session.
 */
export function judge(
  model: RecordModel,
  names: Names = plainNames(model),
  most: number = mostIncidents,
  within = Infinity,
): Verdict[] {
  const verdicts: Verdict[] = []
  for (const incident of findIncidents(model, most)) {
    if ((verdicts[0] ?? incident).at - within >= incident.at) break
    const verdict = judgeIncident(model, names, incident)
    if (verdict !== null) verdicts.push(verdict)
  }
  return verdicts
}

function judgeIncident(model: RecordModel, names: Names, incident: Incident): Verdict | null {
  const isEnd = incident.kind === 'end'
  const finding = isEnd
    ? first(endRules, openEndCase(model, names, incident.session))
    : first(flightRules, openFlightCase(model, names, incident.flights))
  if (finding === null) return null
  const { cause, steps, missing = [] } = finding
  const isHarmless = harmless.includes(cause) || (cause === 'clock' && !isEnd)
  return {
    ...finding,
    missing,
    tone: isHarmless ? 'notice' : isEnd ? 'bad' : 'warning',
    at: incident.at,
    session: isEnd ? incident.session.id : incident.flights.at(-1)!.session,
    record: (isEnd ? incident.session.endRecord : incident.flights.at(-1)!.record.id) ?? steps.at(-1)?.record ?? '',
  }
}

function first<Scene>(rules: readonly ((scene: Scene) => Finding | null)[], scene: Scene): Finding | null {
  for (const rule of rules) {
    const finding = rule(scene)
    if (finding !== null) return finding
  }
  return null
}
