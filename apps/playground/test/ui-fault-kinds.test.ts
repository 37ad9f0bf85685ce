import { expect, test } from 'vitest'
import { readFault } from '../server/fault-switch.ts'
import { faultChoice, faultChoices, faultOf, faultWords } from '../src/fault-kinds.ts'

test('the server takes every fault that the page offers, as the page sends it', () => {
  for (const choice of faultChoices) {
    const fault = faultOf(choice)
    expect(readFault({ ...fault }).fault).toEqual(fault)
  }
})

test('the server takes the least and the most that the page lets one type', () => {
  for (const choice of faultChoices) {
    for (const value of [choice.parameter?.min, choice.parameter?.max]) {
      const fault = faultOf(choice, value)
      expect(readFault({ ...fault }).fault).toEqual(fault)
    }
  }
})

test('a fault is named with its parameter', () => {
  expect(faultWords({ kind: 'delay_answer', ms: 3_000 })).toBe('Delay the answer, 3,000 ms')
  expect(faultWords({ kind: 'busy', retryAfter: 5 })).toBe('Busy, 429, 5 s')
  expect(faultWords({ kind: 'refuse' })).toBe('Refuse connections')
})

test('a fault that the page does not know is named in the error', () => {
  expect(() => faultChoice('earthquake' as never)).toThrow('earthquake')
})
