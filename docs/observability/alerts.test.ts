import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loseAnswer, serverError } from '@authflight/testing'
import { expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { memoryStore } from '../../packages/client/src/index.ts'
import { createAuthClientIn } from '../../packages/client/src/client.ts'
import { systemRealm } from '../../packages/client/src/system-realm.ts'
import { setUp } from '../../packages/client/test/support/app.ts'
import { setUp as setUpGoTrue, signIn as signInAtGoTrue } from '../../packages/client/test/support/gotrue-app.ts'
import { type Series, startMeters } from '../../packages/client/test/support/measure.ts'
import { createRealm } from '../../packages/client/test/support/realm.ts'
import { copyRecords, letTokensDie } from '../../packages/client/test/support/stores.ts'
import { findPromtool } from '../../scripts/lib/promtool.mjs'

interface Rule {
  readonly alert: string
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
}
const path = join(import.meta.dirname, 'alerts.yaml')
const { groups } = parse(readFileSync(path, 'utf8')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)

/** An app of `oauth()` whose metrics are read, and a way to let its clock run ahead. */
async function setUpRun() {
  const read = startMeters()
  const { server, createClient, signIn } = setUp()
  let ahead = 0
  const { clock } = systemRealm
  const realm = createRealm({ clock: { ...clock, precise: () => clock.precise() + ahead } })
  const storage = memoryStore()
  const auth = createClient({ storage }, (options) => createAuthClientIn(realm, options))
  await signIn(auth)
  const open = (store = storage) => createClient({ storage: store })
  return { server, auth, open, storage, read, passSeconds: (seconds: number) => void (ahead += seconds * 1_000) }
}
type Run = Awaited<ReturnType<typeof setUpRun>>

const storm = ({ auth }: Run) => Promise.all(Array.from({ length: 20 }, () => auth.refreshSession()))

const withOAuth = (play: (run: Run) => Promise<unknown>) => async (): Promise<Series[]> => {
  const run = await setUpRun()
  await play(run)
  return run.read()
}

/** Somebody else refreshes with the session of an app of `gotrue()`, twice, and the app comes too late. */
async function playTheftWithGoTrue(): Promise<Series[]> {
  const read = startMeters()
  const clock = { now: Date.now() }
  const { createClient } = setUpGoTrue({ now: () => clock.now })
  const [storage, stolen] = [memoryStore(), memoryStore()]
  const auth = createClient({ storage })
  await signInAtGoTrue(auth)
  await copyRecords(storage, stolen)
  const thief = createClient({ storage: stolen })
  await thief.refreshSession()
  await thief.refreshSession()
  clock.now += 11_000
  await auth.refreshSession()
  return read()
}

/** An alert, and the labels that its query gives it beside its own. */
type Raised = string | [string, Record<string, string>]

/** Which alerts each run must raise, and what it does. */
const runs: [string, Raised[], () => Promise<Series[]>][] = [
  [
    'a storm that is shared, and a user who signs out',
    [],
    withOAuth(async (run) => {
      await storm(run)
      await run.auth.signOut()
    }),
  ],
  [
    'a server that takes two seconds',
    ['AuthflightSlowWaits'],
    withOAuth(async (run) => {
      const gate = run.server.hold({ when: 'after', grant: 'refresh_token' })
      const waiting = storm(run)
      await gate.arrived
      run.passSeconds(2)
      gate.release()
      await waiting
    }),
  ],
  [
    'a server that fails',
    ['AuthflightRefreshesFail'],
    withOAuth(async (run) => {
      run.server.faults.always(serverError(), { grant: 'refresh_token' })
      await storm(run)
    }),
  ],
  [
    'a user who signs out while a refresh is under way',
    [['AuthflightDiscards', { authflight_discard_reason: 'signed_out' }]],
    withOAuth(async (run) => {
      const gate = run.server.hold({ when: 'after', grant: 'refresh_token' })
      const refreshing = run.auth.refreshSession()
      await gate.arrived
      await run.auth.signOut()
      gate.release()
      await refreshing
      await vi.waitUntil(async () => (await run.read('authflight.discards')).length === 1)
    }),
  ],
  [
    'a GoTrue server that sees a token twice',
    ['AuthflightInvoluntarySessionEnds', 'AuthflightReuseDetected'],
    playTheftWithGoTrue,
  ],
  [
    'any other server that sees a token twice, and has no word for it',
    ['AuthflightInvoluntarySessionEnds', 'AuthflightRejectionsRise'],
    withOAuth(async ({ auth, open, storage }) => {
      const stolen = memoryStore()
      await copyRecords(storage, stolen)
      await open(stolen).refreshSession()
      await auth.refreshSession()
    }),
  ],
  [
    'an answer that is lost after the rotation',
    ['AuthflightRefreshesFail', 'AuthflightInvoluntarySessionEnds', 'AuthflightLostAnswers'],
    withOAuth(async ({ server, auth, open, storage }) => {
      server.faults.next(loseAnswer(), { grant: 'refresh_token' })
      await auth.refreshSession()
      await letTokensDie(storage)
      // As after a reload: what was shown is read again, dead as it is.
      auth.dispose()
      await open().refreshSession()
    }),
  ],
]

test.each(runs)('%s raises %j', async (_, alerts, play) => {
  expect(testRules(await play(), alerts)).toEqual({ status: 0, complaint: '' })
})

test.each([
  ['a GoTrue server that sees a token twice', 'AuthflightReuseDetected'],
  ['an answer that is lost after the rotation', 'AuthflightLostAnswers'],
])('%s once is enough for %s, also where nothing was ever counted before', async (name, alert) => {
  const [, , play] = runs.find(([each]) => each === name)!
  const once = (value: number) => `_x29 ${value}x31`
  expect(testRules(await play(), [alert], once)).toEqual({ status: 0, complaint: '' })
})

test('sessions that are rejected as often as yesterday raise nothing but AuthflightInvoluntarySessionEnds', async () => {
  const [, , play] = runs.find(([each]) => each.startsWith('any other server'))!
  const steps = { each: 20, count: 78 }
  const always = (value: number): string => `0+${value * 20}x78`
  expect(testRules(await play(), ['AuthflightInvoluntarySessionEnds'], always, steps)).toEqual({
    status: 0,
    complaint: '',
  })
}, 30_000)

test('callers who no longer share their flights raise AuthflightSharingDrops, a storm as each day none', async () => {
  const run = await setUpRun()
  await storm(run)
  const measured = await run.read()
  // A day and two hours, in steps of 20 minutes: each look at every minute of it would take a while.
  const steps = { each: 20, count: 78 }
  const always = (value: number): string => `0+${value}x78`
  const untilToday = (value: number): string => `0+${value}x72 _x6`
  const sharing = (course: Course, alerts: Raised[]) => testRules(measured, alerts, course, steps)
  expect(sharing(always, [])).toEqual({ status: 0, complaint: '' })
  const unshared: Course = (value, metric) => (metric === 'authflight.wait.duration' ? untilToday : always)(value)
  expect(sharing(unshared, ['AuthflightSharingDrops'])).toEqual({ status: 0, complaint: '' })
}, 30_000)

test('a rule that does not fire where it should is a failed test', async () => {
  const run = await setUpRun()
  await storm(run)
  expect(testRules(await run.read(), ['AuthflightReuseDetected']).status).toBe(1)
})

/** What becomes of a measured value from step to step, in the notation of `promtool`. */
type Course = (value: number, metric: string) => string
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
  const folder = mkdtempSync(join(tmpdir(), 'authflight-alerts-'))
  try {
    const file = join(folder, 'test.yaml')
    const given = {
      rule_files: [path],
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
    }
    writeFileSync(file, stringify(given))
    const promtool = findPromtool()
    if (!promtool) throw new Error('There is no promtool. It is in the Debian package `prometheus`.')
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' })
    return { status, complaint: status === 0 ? '' : stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A measured series as Prometheus would have it. */
function linesOf({ metric, unit, attributes, count, sum, boundaries, buckets }: Series, course: Course) {
  const name = metric.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '')
  const labels = Object.entries(attributes).map(([key, value]) => `${key.replaceAll('.', '_')}="${String(value)}"`)
  const line = (suffix: string, value: number, more: string[] = []) => ({
    series: `${name}${suffix}{${[...labels, ...more].join(',')}}`,
    values: course(value, metric),
  })
  if (!boundaries || !buckets) return metric.endsWith('.active') ? [] : [line('_total', count)]
  let below = 0
  return [
    ...boundaries.map((bound, at) => line('_bucket', (below += buckets[at] ?? 0), [`le="${bound}"`])),
    line('_bucket', count, ['le="+Inf"']),
    line('_count', count),
    line('_sum', sum),
  ]
}
