import { deedsOf, type Invariant, only } from './invariant.ts'

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

const patient = new Set([
  'getSession',
  'refreshSession',
  'getAccessToken',
  'account getSession',
  'account refreshSession',
  'switchTo',
  'setSession exported',
])

export const noLongerThanPatience: Invariant = {
  promise: 6,
  name: 'a caller waits no longer than its patience',
  *broken(history) {
    for (const { call, at } of only(history, 'settled')) {
      const waited = at - call.begunAt
      const { patience, legacyLock } = history.setting
      // As long again for its turn, where there are turns.
      if (!patient.has(call.operation) || waited <= (legacyLock ? 2 : 1) * (patience + slack)) continue
      // A tab that does not run has no patience to lose.
      if (deedsOf(history, 'frozen', 'pagehide').some(({ fact }) => fact.tab === call.tab && fact.at <= at)) continue
      yield `${call.operation} of ${call.client} waited ${waited} ms`
    }
  },
}
