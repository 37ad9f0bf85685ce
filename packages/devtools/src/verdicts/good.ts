import { adoptedGeneration, generationChange } from '../model/generations.ts'
import { capitalise, formatDuration, plural } from '../model/format.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { Names } from '../model/whose.ts'
import { type FlightFacts, recordAt, sequence, step } from './facts.ts'
import type { Step, Verdict } from './verdict.ts'

/** What a refresh did that brought a token, or took one over: that all is well, and what it saved. */
export function praise(model: RecordModel, names: Names, flight: FlightFacts): Verdict {
  const { record, session, endedAt } = flight
  return {
    cause: 'healthy',
    sentence: tellGood(model, names, flight),
    steps: goodSteps(names, flight),
    missing: [],
    tone: 'good',
    at: endedAt,
    session,
    record: record.id,
  }
}

/** What a refresh did that went well, after what led to it. */
export function goodSteps(
  names: Names,
  { record, request }: FlightFacts,
  before: Parameters<typeof sequence>[0] = [],
): Step[] {
  const where = names.tab(record.tab)
  const sent = request && step(request, `${where}: the token was sent`)
  return sequence([...before, sent, step(record, `${where}: everybody could go`, 'ended')])
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
  const record = recordAt(model, adoptedGeneration(model, flight)?.record)
  return record?.name === 'authflight.record.committed' ? names.tab(record.tab) : 'another client'
}
