import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Series } from '../../packages/client/test/support/measure.ts'
import { folder, readRules } from './support/pages.ts'
import { type Course, linesOf, runPromtool } from './support/promtool.ts'
import {
  playDiscard,
  playFailingServer,
  playLostAnswer,
  playQuietDay,
  playSlowServer,
  playStorm,
  playTheft,
  playTheftWithGoTrue,
} from './support/runs.ts'

const rules = readRules()

/** An alert, and the labels that its query gives it beside its own. */
type Raised = string | [string, Record<string, string>]

/** Which alerts each run must raise, and what it does. */
const runs: [string, Raised[], () => Promise<Series[]>][] = [
  ['a storm that is shared, and a user who signs out', [], playQuietDay],
  ['a server that takes two seconds', ['AuthflightSlowWaits'], playSlowServer],
  ['a server that fails', ['AuthflightRefreshesFail'], playFailingServer],
  [
    'a user who signs out while a refresh is under way',
    [['AuthflightDiscards', { authflight_discard_reason: 'signed_out' }]],
    playDiscard,
  ],
  [
    'a GoTrue server that sees a token twice',
    ['AuthflightInvoluntarySessionEnds', 'AuthflightReuseDetected'],
    playTheftWithGoTrue,
  ],
  [
    'any other server that sees a token twice, and has no word for it',
    ['AuthflightInvoluntarySessionEnds', 'AuthflightRejectionsRise'],
    playTheft,
  ],
  [
    'an answer that is lost after the rotation',
    ['AuthflightRefreshesFail', 'AuthflightInvoluntarySessionEnds', 'AuthflightLostAnswers'],
    playLostAnswer,
  ],
]

test.each(runs)('%s raises %j', async (_, alerts, play) => {
  expect(testRules(await play(), alerts)).toEqual({ status: 0, complaint: '' })
})

/** Counters that are born with their events, half an hour before the end, and see no other. */
const born: Course = (value) => `_x29 ${value}x31`
/** Of this rule the window has ten minutes only, and for five of them it must hold. */
const bornLately: Course = (value) => `_x52 ${value}x8`
/** A rule that is for many. */
const bornAsMany: Course = (value) => `_x29 ${value * 20}x31`

test.each<[string, Raised[], () => Promise<Series[]>, Course]>([
  [
    'a GoTrue server that sees a token twice once',
    ['AuthflightInvoluntarySessionEnds', 'AuthflightReuseDetected'],
    playTheftWithGoTrue,
    born,
  ],
  ['an answer that is lost once', ['AuthflightInvoluntarySessionEnds', 'AuthflightLostAnswers'], playLostAnswer, born],
  [
    'a user who signs out once while a refresh is under way',
    [['AuthflightDiscards', { authflight_discard_reason: 'signed_out' }]],
    playDiscard,
    born,
  ],
  ['a server that fails for the first time', ['AuthflightRefreshesFail'], playFailingServer, bornLately],
  [
    'a server that rejects twenty at once',
    ['AuthflightInvoluntarySessionEnds', 'AuthflightRejectionsRise'],
    playTheft,
    bornAsMany,
  ],
  ['one server that rejects a session', ['AuthflightInvoluntarySessionEnds'], playTheft, born],
  ['a user who signs out for the first time', [], playQuietDay, born],
])('%s, where nothing was ever counted before, raises %j', async (_, alerts, play, course) => {
  expect(testRules(await play(), alerts, course)).toEqual({ status: 0, complaint: '' })
})

test('sessions that were rejected for the first time a day ago count as those of that day', async () => {
  const rejected = await playTheft()
  const steps = { each: 20, count: 75 }
  // Born 24 hours and 20 minutes before the end; the same again, and no more than that, 20 minutes before it.
  const sameAgain: Course = (value) => `_x1 ${value * 20}x72 ${value * 40}x1`
  const quiet = testRules(rejected, ['AuthflightInvoluntarySessionEnds'], sameAgain, steps)
  expect(quiet).toEqual({ status: 0, complaint: '' })
  const fiveTimesAsMany: Course = (value) => `_x1 ${value * 20}x72 ${value * 120}x1`
  const alerts = ['AuthflightInvoluntarySessionEnds', 'AuthflightRejectionsRise']
  expect(testRules(rejected, alerts, fiveTimesAsMany, steps)).toEqual({ status: 0, complaint: '' })
})

test('sessions that are rejected as often as yesterday raise nothing but AuthflightInvoluntarySessionEnds', async () => {
  const steps = { each: 20, count: 78 }
  const always = (value: number): string => `0+${value * 20}x78`
  expect(testRules(await playTheft(), ['AuthflightInvoluntarySessionEnds'], always, steps)).toEqual({
    status: 0,
    complaint: '',
  })
})

test('callers who no longer share their flights raise AuthflightSharingDrops, a storm as each day none', async () => {
  const measured = await playStorm()
  // A day and two hours, in steps of 20 minutes: each look at every minute of it would take a while.
  const steps = { each: 20, count: 78 }
  const always = (value: number): string => `0+${value}x78`
  const untilToday = (value: number): string => `0+${value}x72 _x6`
  const sharing = (course: Course, alerts: Raised[]) => testRules(measured, alerts, course, steps)
  expect(sharing(always, [])).toEqual({ status: 0, complaint: '' })
  const unshared: Course = (value, metric) => (metric === 'authflight.wait.duration' ? untilToday : always)(value)
  expect(sharing(unshared, ['AuthflightSharingDrops'])).toEqual({ status: 0, complaint: '' })
})

test('a rule that does not fire where it should is a failed test', async () => {
  expect(testRules(await playStorm(), ['AuthflightReuseDetected']).status).toBe(1)
})

const eachMinute: Course = (value) => `0+${value}x60`

/**
 * Lets `promtool` say whether these alerts, and no others, fire after an hour in which what was measured came to pass each minute, or as `course`
 * and `steps`, in minutes, say.
 */
function testRules(
  series: readonly Series[],
  raised: readonly Raised[],
  course = eachMinute,
  steps = { each: 1, count: 60 },
) {
  const alerts = new Map(raised.map((one) => (typeof one === 'string' ? [one, {}] : one)))
  return runPromtool({
    rule_files: [join(folder, 'alerts.yaml')],
    evaluation_interval: `${steps.each}m`,
    tests: [
      {
        interval: `${steps.each}m`,
        input_series: series.flatMap((one) => linesOf(one, course)),
        alert_rule_test: rules.map(({ alert, labels, annotations }) => {
          const more = alerts.get(alert)
          const expected = { exp_labels: { ...labels, ...more }, exp_annotations: annotations }
          return { eval_time: `${steps.each * steps.count}m`, alertname: alert, exp_alerts: more ? [expected] : [] }
        }),
      },
    ],
  })
}
