import { formatCount, formatDuration, plural } from '../model/format.ts'
import type { RecordModel } from '../model/record-model.ts'
import { judge } from '../verdicts/judge.ts'
import type { Step, Verdict } from '../verdicts/verdict.ts'
import { explainOne, load, type RecordingLike } from './explain.ts'

/**
 * A report for an issue or a chat: the sentence, the steps with the ids of their records, what to do, what was not recorded.
 * Markdown whose words cannot become markup, whatever the records say.
 *
 * @param about the id of the record that ended an incident: the report is about that one. Default: what `explain` chooses
 */
export function writeReport(recording: RecordingLike, about?: string): string {
  return reportOf(load(recording).model, about)
}

/** The same of what a panel holds: tabs and accounts are named as it names them. */
export function reportOf(model: RecordModel, about?: string): string {
  const verdicts = judge(model)
  const { sentence, reason, steps, fix, missing } = explainOne(model, verdicts, about)
  const others = verdicts.filter((verdict) => verdict.sentence !== sentence)
  const { from, to, size } = model.columns
  const length = size === 0 ? '' : `, ${formatDuration(to - from)} from ${new Date(from).toISOString()}`
  const tabs = new Set(model.columns.records.map(({ tab }) => tab)).size
  return [
    '# Auth refresh report',
    `**${escape(sentence)}**`,
    `Cause: \`${reason}\``,
    ...(steps.length === 0 ? [] : ['## Steps', writeSteps(steps)]),
    ...(fix === null ? [] : ['## What to do', escape(fix)]),
    ...(missing.length === 0 ? [] : ['## Not recorded', missing.map((line) => `- ${escape(line)}`).join('\n')]),
    ...(others.length === 0 ? [] : ['## Also', others.map(writeOther).join('\n')]),
    `${formatCount(size)} records of ${plural(tabs, 'tab')}${length}. Times of day in sentences are ${zoneAt(from)}. Records hold no token and no name.`,
  ].join('\n\n')
}

/** Where this is read, or written: `GMT+0200`. */
const zoneAt = (time: number): string => /GMT[+-]\d+/.exec(String(new Date(time)))?.[0] ?? 'local'

function writeSteps(steps: readonly Step[]): string {
  const start = steps[0]!.at
  const lines = steps.map(
    ({ at, text, record }, index) =>
      `| ${index + 1} | ${new Date(at).toISOString()} | +${formatDuration(at - start)} | ${escape(text)} | \`${record}\` |`,
  )
  return ['| # | time | | what | record |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}

function writeOther({ sentence, cause }: Verdict): string {
  return `- ${escape(sentence)} (\`${cause}\`)`
}

function escape(text: string): string {
  return (
    text
      .replace(/[\\`*_{}[\]<>|#~]/g, String.raw`\$&`)
      // Many readers make links of bare addresses, escaped or not; not where a space without width is in them.
      .replace(/:(?=\/\/)|www(?=\.)|@/gi, '$&\u200B')
      .replace(/\s+/g, ' ')
  )
}
