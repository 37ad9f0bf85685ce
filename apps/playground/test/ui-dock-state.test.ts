import { expect, test } from 'vitest'
import { clampShare, readDock, writeDock } from '../src/dock-state.ts'

function storage(value: string | null = null) {
  return {
    value,
    getItem: () => value,
    setItem(_key: string, next: string) {
      value = next
    },
  }
}

test('the dock is open at first, but closed on a narrow screen', () => {
  expect(readDock(storage(), 1280)).toEqual({ open: true, share: 0.45 })
  expect(readDock(storage(), 400)).toEqual({ open: false, share: 0.45 })
})

test('the dock comes back as it was left', () => {
  const kept = storage()
  writeDock(kept, { open: false, share: 0.6 })
  expect(readDock(kept, 1280)).toEqual({ open: false, share: 0.6 })
})

test('what was kept but makes no sense is as if nothing had been kept', () => {
  for (const value of ['{', '7', '{}', '{"open":true,"share":12}', '{"open":"yes","share":0.5}']) {
    expect(readDock(storage(value), 1280)).toEqual({ open: true, share: 0.45 })
  }
})

test('neither the dock nor the page above it gets too small to be of use', () => {
  expect(clampShare(0, 800) * 800).toBe(140)
  expect(clampShare(1, 800) * 800).toBe(680)
  expect(clampShare(0.45, 800)).toBeCloseTo(0.45)
})
