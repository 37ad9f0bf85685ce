import { adoptedGeneration, generationChange } from '../model/generations.ts'
import { capitalise, formatDuration, plural } from '../model/format.ts'
import { text } from '../model/names.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { Names } from '../model/whose.ts'
import { type FlightFacts, pagePoints, sequence, step } from './facts.ts'
import type { Cause, Step, Verdict } from './verdict.ts'

/** What a refresh did that brought a token, or took one over: that all is well, and what it saved. */
export function praise(model: RecordModel, names: Names, flight: FlightFacts): Verdict {
  const early = findClockTrouble(model, names, flight)
  const [cause, sentence]: [Cause, string] =
    early === null ? ['healthy', tellGood(model, names, flight)] : ['clock', early.sentence]
  const { record, session, endedAt } = flight
  const where = names.tab(record.tab)
  const sent = flight.request && step(flight.request, `${where}: the token was sent`)
  const steps = sequence([...(early?.steps ?? []), sent, step(record, `${where}: everybody could go`, 'ended')])
  const tone = early === null ? 'good' : 'notice'
  return { cause, sentence, steps, missing: [], tone, at: endedAt, session, record: record.id }
}

function tellGood(model: RecordModel, names: Names, facts: FlightFacts): string {
  const { flight, outcome, startedAt, endedAt, name } = facts
  const generations = generationChange(model, flight)
  const change = generations === null ? '' : `generation ${generations}`
  if (outcome === 'adopted')
    return `${capitalise(name)} took over what ${adoptedFrom(model, names, facts)} had committed${change && `: ${change}`}.`
  const took = formatDuration(endedAt - startedAt)
  const callers = model.flights.callerCount(flight)
  const saved = model.flights.waiterCount(flight)
  if (callers < 2) return `${capitalise(name)} brought a new token in ${took}${change && `: ${change}`}.`
  return `All is well: 1 refresh served ${plural(callers, 'caller')} in ${took} and saved ${plural(saved, 'token request')}${change && `. ${capitalise(change)}`}.`
}

function adoptedFrom(model: RecordModel, names: Names, { flight }: FlightFacts): string {
  const generation = adoptedGeneration(model, flight)
  const row = generation === null ? undefined : model.columns.rowOf(generation.record)
  const record = row === undefined ? undefined : model.columns.record(row)
  return record?.name === 'authflight.record.committed' ? names.tab(record.tab) : 'another client'
}

/** Of a token's life, how much must be left for a refresh at expiry to be too early. */
const tooEarly = 0.3
/** Milliseconds that a token may be dead before a refusal of it is odd. */
const tooLate = 5_000

/**
 * Records are stamped by a clock that nobody sets; tokens die by the one that people do. Where the two disagree on when a
 * token died, that one was moved, or the machine slept.
 */
function findClockTrouble(
  model: RecordModel,
  names: Names,
  { record, session, revision, startedAt }: FlightFacts,
): { sentence: string; steps: Step[] } | null {
  const generation = model.sessions.all.get(session)?.byRevision.get(revision ?? -1)
  if (generation === undefined || !Number.isFinite(generation.expiresAt)) return null
  const trigger = text(record.attributes, 'refresh.trigger')
  const left = generation.expiresAt - startedAt
  const jump = pagePoints(model, generation.from, startedAt + 1).find(
    ({ name, tab }) => name === 'authflight.record.clock_jump' && tab === record.tab,
  )
  const isEarly =
    ['expiry', 'clock_jump'].includes(trigger ?? '') &&
    left > 2_000 &&
    left > tooEarly * (generation.expiresAt - generation.from)
  const isLate = trigger === 'unauthorized' && left < -tooLate
  // A jump alone proves nothing: every sleep is one, and a refresh after it may be like any other.
  if (!isEarly && !isLate) return null
  const when = left > 0 ? `${formatDuration(left)} before its time` : `${formatDuration(-left)} after its time`
  const what = isLate ? 'was still good to this device’s clock' : 'was dead to this device’s clock'
  const sentence = `Generation ${revision} ${what} ${when}: the clock was moved, or the machine slept. Refresh #${model.flightOf(model.columns.rowOf(record.id)!)?.number ?? '?'} put it right, and nobody was signed out.`
  const first = model.columns.rowOf(generation.record)
  const told =
    first === undefined
      ? null
      : step(
          model.columns.record(first),
          `${names.tab(model.columns.record(first).tab)}: generation ${revision} was good for ${formatDuration(generation.expiresAt - generation.toldAt)}`,
        )
  return { sentence, steps: sequence([told, jump && step(jump, `${names.tab(jump.tab)}: the clock jumped`)]) }
}
