import { expect, test } from 'vitest'
import { clampShare, parseDock } from '../src/dock-state.ts'

test('the dock is open at first, but closed on a narrow screen', () => {
  expect(parseDock(null, 1280)).toEqual({ open: true, share: 0.45 })
  expect(parseDock(null, 400)).toEqual({ open: false, share: 0.45 })
})

test('the dock comes back as it was left', () => {
  expect(parseDock(JSON.stringify({ open: false, share: 0.6 }), 1280)).toEqual({ open: false, share: 0.6 })
})

test('what was kept but makes no sense is as if nothing had been kept', () => {
  for (const stored of ['{', '7', 'null', '{}', '{"open":true,"share":12}', '{"open":"yes","share":0.5}']) {
    expect(parseDock(stored, 1280)).toEqual({ open: true, share: 0.45 })
  }
})

test('neither the dock nor the page above it gets too small to be of use', () => {
  expect(clampShare(0, 800) * 800).toBe(140)
  expect(clampShare(1, 800) * 800).toBe(680)
  expect(clampShare(0.45, 800)).toBeCloseTo(0.45)
})
