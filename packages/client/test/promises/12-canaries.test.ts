import { play, schedules } from '@authflight/testing/explorer'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startSdk } from '../support/observe.ts'

/** Ids that are the same each time, so that none looks like the beginning of a secret today only. */
function countingIds() {
  let count = 0
  const next = (digits: number): string => (count += 1).toString(16).padStart(digits, '0')
  return { generateTraceId: () => next(32), generateSpanId: () => next(16) }
}

/** Every text in a value, names of properties too; of an error also what no JSON shows. */
function collectTexts(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string') texts.add(value)
  if (typeof value !== 'object' || value === null) return
  for (const name of Object.getOwnPropertyNames(value)) {
    texts.add(name)
    collectTexts(Reflect.get(value, name), texts)
  }
}

test('no secret of 1,000 explored schedules is told in any disguise', { timeout: 300_000 }, async () => {
  const { exporter } = startSdk({ idGenerator: countingIds() })
  const logged: unknown[] = []
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const spy = vi.spyOn(console, method).mockImplementation((...said) => void logged.push(said))
    onTestFinished(() => spy.mockRestore())
  }
  // Where an error was made names this file, and takes most of the time.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit))

  const seen = { spans: 0, records: 0, said: 0 }
  const leaks: string[] = []
  for (const schedule of fc.sample(schedules, { numRuns: 1_000, seed: 12 })) {
    const { history, said, leaksIn } = await play(schedule)
    const records = history.records.map(({ record }) => record)
    const spans = exporter.getFinishedSpans().map(({ name, attributes, events, links, status, resource }) => {
      return { name, attributes, events, links, status, resource: resource.attributes }
    })
    const texts = new Set<string>()
    collectTexts([spans, records, said, logged], texts)
    leaks.push(...(await leaksIn([...texts].join('\n'))))
    seen.spans += spans.length
    seen.records += records.length
    seen.said += said.length
    exporter.reset()
    logged.length = 0
  }

  expect(leaks).toEqual([])
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(5_000)
})
