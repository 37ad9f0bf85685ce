import { recorderHook, type RecorderHook } from '@authflight/client'
import { expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { readSources } from '../../src/model/sources.ts'
import { flight, hookOf, signedIn, sourceOf, storm } from '../fixtures.ts'

it('reads what a ring holds, then what comes, and nothing after it was stopped', () => {
  const source = sourceOf(storm())
  const withdraw = recorderHook().register(source)
  const model = new RecordModel()
  const stop = readSources(model)
  expect(model.flights.all).toHaveLength(1)
  for (const made of flight({ at: 60_000, lasting: 80 })) source.push(made)
  expect(model.flights.all).toHaveLength(2)
  stop()
  source.push(signedIn(90_000)[0]!)
  expect(model.columns.size).toBe(source.snapshot().length - 1)
  withdraw()
})

it('reads a ring that registers after the panel opened', () => {
  const model = new RecordModel()
  const stop = readSources(model)
  const withdraw = recorderHook().register(sourceOf(storm()))
  expect(model.flights.all).toHaveLength(1)
  stop()
  withdraw()
})

it('passes over a source that is not shaped like one', () => {
  const model = new RecordModel()
  const forged = {
    v: 1,
    register: () => () => {},
    subscribe: (listener: (source: unknown) => void) => (listener({ tab: 1 }), () => {}),
  }
  expect(() => readSources(model, forged as unknown as RecorderHook)).not.toThrow()
})

it.each(['snapshot', 'subscribe'] as const)('passes over a source whose %s throws, and reads the others', (method) => {
  const fail = (): never => {
    throw new Error('canary')
  }
  const sources = [{ ...sourceOf([]), [method]: fail }, sourceOf(storm())]
  const model = new RecordModel()
  readSources(model, hookOf(...sources))
  expect(model.flights.all).toHaveLength(1)
})
