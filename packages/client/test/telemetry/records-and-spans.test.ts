import { play, schedules } from '@authflight/testing/explorer'
import { ROOT_CONTEXT } from '@opentelemetry/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AuthRecord } from '../../src/index.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createRecorderHook } from '../../src/telemetry/hook.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { createRing } from '../../src/telemetry/ring.ts'
import { trackWaits, type Wait } from '../../src/telemetry/waits.ts'
import { seeRecord, startSdk } from '../support/observe.ts'
import { quiet } from '../support/quiet.ts'
import { createRealm } from '../support/realm.ts'

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)
/** Of transactions of a store there are spans only. */
const isRecorded = ({ name }: { readonly name: string }): boolean => name !== 'authflight.storage'
const isEnded = ({ kind, endedAt }: AuthRecord): boolean => kind !== 'point' && endedAt !== undefined

test(
  'whatever happens in several tabs, the records of what has ended are the exported spans',
  { timeout: 120_000 },
  async () => {
    const { exporter, spans } = startSdk()
    // A store that fails says so.
    quiet()
    const names = new Set<string>()
    const property = fc.asyncProperty(schedules, async (schedule) => {
      exporter.reset()
      const { history } = await play(schedule)
      const recorded = history.records.map(({ record }) => record).filter(isEnded)
      const exported = spans().filter(isRecorded)
      for (const { name } of exported) names.add(name)
      expect(recorded.map(seeRecord).toSorted(byId)).toEqual(exported.toSorted(byId))
    })

    await fc.assert(property, { numRuns: 150, seed: 5 })

    expect(names.size).toBeGreaterThanOrEqual(11)
  },
)

/** What callers of one flight do: one joins, one that waits goes, for whatever reason, or milliseconds pass. */
const deed = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'join' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('go' as const),
      which: fc.nat(99),
      outcome: fc.constantFrom('left', 'timeout'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(5_000) }) },
)
const outcomes = fc.constantFrom('rotated', 'adopted', 'discarded')

test('of any crowd of callers the first 32 spans are records, and the aggregates tell of all others', () => {
  const { exporter, spans } = startSdk()
  const property = fc.property(fc.array(deed, { maxLength: 150, size: 'max' }), outcomes, (deeds, outcome) => {
    exporter.reset()
    let now = Date.UTC(2026, 0, 1)
    const hook = createRecorderHook()
    const realm = createRealm({ clock: { ...systemRealm.clock, precise: () => now }, recorderHook: () => hook })
    const records: AuthRecord[] = []
    hook.subscribe((source) => void source.subscribe((record) => void records.push(record)))
    const telemetry = createTelemetry(realm, 'client', createRing(realm))
    const flight = telemetry.open('authflight.refresh', { attributes: {} })
    const waits = trackWaits(telemetry, 'flight', flight)
    const waiting: Wait[] = []
    const joined: Wait[] = []

    for (const next of deeds) {
      if (next.do === 'pass') now += next.ms
      else if (next.do === 'join') joined.push(waiting[waiting.push(waits.open(ROOT_CONTEXT)) - 1] ?? null)
      else if (waiting.length > 0) {
        const [gone = null] = waiting.splice(next.which % waiting.length, 1)
        waits.close(gone, next.outcome)
      }
    }
    for (const wait of waiting) waits.close(wait, outcome)

    const exported = new Map(spans('authflight.wait').map((span) => [span.id, span]))
    const inOrder = joined.map((wait) => exported.get(wait?.operation?.link.id ?? ''))
    expect(exported.size).toBe(joined.length)
    const recorded = records.filter(({ name }) => name === 'authflight.wait').filter(isEnded)
    const early = inOrder.slice(0, 32)
    expect(recorded.map(seeRecord).toSorted(byId)).toEqual(early.flatMap((span) => span ?? []).toSorted(byId))

    const rest = inOrder.slice(32).flatMap((span) => span ?? [])
    const aggregates = records.filter(({ name }) => name === 'authflight.record.waits').map((each) => each.attributes)
    const sum = (key: string): number => aggregates.reduce((all, each) => all + Number(each[key] ?? 0), 0)
    expect(sum('authflight.wait.count')).toBe(rest.length)
    for (const each of ['left', 'timeout', outcome]) {
      const times = rest.filter(({ attributes }) => attributes['authflight.wait.outcome'] === each).length
      expect(sum(`authflight.wait.outcomes.${each}`)).toBe(times)
    }
    const seconds = rest.map(({ startedAt, endedAt }) => (endedAt - startedAt) / 1_000).toSorted((a, b) => a - b)
    expect(Math.max(0, ...aggregates.map((each) => Number(each['authflight.wait.max'])))).toBe(seconds.at(-1) ?? 0)
    // Where the crowd went in several groups, whose middle it is cannot be seen from outside.
    const [first, ...more] = aggregates
    expect(more.length === 0 ? [seconds[rest.length >> 1]] : seconds).toContain(first?.['authflight.wait.p50'])
  })

  fc.assert(property, { numRuns: 100 })
})
