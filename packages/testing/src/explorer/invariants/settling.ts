import { awake, type Invariant, only } from './invariant.ts'

export const everythingSettles: Invariant = {
  promise: 6,
  name: 'every promise settles',
  *broken(history) {
    for (const { calls } of only(history, 'stuck')) {
      if (calls.length === 0) yield 'the world comes to no rest'
      for (const { operation, client } of calls) yield `${operation} of ${client} never settles`
    }
  },
}

/** What comes on top of a patience: two timers in a row, each as late as a timer may be. Milliseconds. */
export const slack = 2_001

export const noLongerThanPatience: Invariant = {
  promise: 6,
  name: 'a caller waits no longer than its patience, while its tab runs',
  *broken(history) {
    const { patience, legacyLock } = history.setting
    for (const { call, at } of only(history, 'settled')) {
      const waited = awake(history, call.tab, call.begunAt, at)
      // As long again for its turn, where there are turns.
      const times = legacyLock ? 2 : 1
      // An API takes the time that it takes.
      if (call.operation === 'fetch' || waited <= times * (patience + slack)) continue
      yield `${call.operation} of ${call.client} waited ${waited} ms`
    }
  },
}
