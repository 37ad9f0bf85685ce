import type { RecordModel } from '../model/record-model.ts'
import { modelOf } from '../model/whole-model.ts'
import type { Recording } from '../formats/recording.ts'
import { inOrder } from '../formats/recording.ts'
import { fixes } from '../verdicts/fixes.ts'
import { composeHeadline, gravestFirst } from '../verdicts/headline.ts'
import { judge } from '../verdicts/judge.ts'
import type { Cause, Step, Verdict } from '../verdicts/verdict.ts'

/** Why somebody was signed out, in words and with the evidence. */
export interface Explanation {
  /** Who, when and why. Accounts and tabs are numbered: `Account 1`, `Tab A`. */
  readonly sentence: string
  readonly reason: Cause
  /** In order of cause and effect; each names the id of the record that shows it. */
  readonly steps: readonly Step[]
  /** What to do; `null` where nothing is wrong. */
  readonly fix: string | null
  /** What would have to be recorded to say more. */
  readonly missing: readonly string[]
  /** What it was told from, cleaned and in order: JSON that opens in the panel and in the viewer. */
  readonly recording: Recording
}

/** A recording, or the records themselves, from anywhere: what is not a record is left out. */
export type RecordingLike = { readonly records: readonly unknown[] } | readonly unknown[]

/**
 * Explains the last sign-out of a recording, of several at about one time the gravest, also where a refresh has failed since; without one,
 * what happened last, or that the clock was wrong where all else is well. The same rules as the panel's, and no DOM: it runs on a support
 * page, in a log pipeline, on a server.
 */
export function explain(recording: RecordingLike): Explanation {
  const { model, recording: clean } = load(recording)
  return { ...explainOne(model, judge(model)), recording: clean }
}

/** The verdict whose effect this record is, or else the one that matters most of all. */
export function explainOne(
  model: RecordModel,
  verdicts: readonly Verdict[],
  about?: string,
): Omit<Explanation, 'recording'> {
  const asked = verdicts.find(({ record }) => record === about)
  const clock = verdicts.find(isClockTrouble)
  const [last] = gravestFirst(verdicts.filter((each) => each.tone !== 'warning' && !isClockTrouble(each)))
  const headline = composeHeadline(model)
  // What went well since mends a failure, and no clock.
  const verdict = asked ?? last ?? (headline.tone === 'warning' ? null : clock) ?? headline.verdict
  if (verdict === null) {
    const missing = ['Any sign-out, and any refresh that has ended.']
    return { sentence: headline.sentence, reason: 'unknown', steps: [], fix: null, missing }
  }
  const { sentence, cause, steps, missing } = verdict
  return { sentence, reason: cause, steps, fix: fixes[cause], missing }
}

/** Nobody was signed out by it. */
const isClockTrouble = ({ cause, tone }: Verdict) => cause === 'clock' && tone === 'notice'

export function load(recording: RecordingLike): { model: RecordModel; recording: Recording } {
  const model = modelOf('records' in recording ? recording.records : recording)
  return { model, recording: { v: 1, records: inOrder(model.columns.records) } }
}
