import { describe, expect, it } from 'vitest'
import { placeLabel } from '../../src/timeline/labels.ts'

/** Every letter is ten pixels wide. */
const measure = (text: string) => text.length * 10

describe('a label', () => {
  it('goes inside its bar when it fits', () => {
    expect(placeLabel('#1 rotated', { x: 50, width: 200, room: 0 }, 0, measure)).toEqual({
      text: '#1 rotated',
      x: 56,
      inside: true,
    })
  })

  it('goes after its bar when there is more room', () => {
    expect(placeLabel('#1 rotated', { x: 50, width: 20, room: 300 }, 0, measure)).toEqual({
      text: '#1 rotated',
      x: 76,
      inside: false,
    })
  })

  it('goes past a line that would cross it, and stays before one that does not', () => {
    const bar = { x: 50, width: 20, room: 300 }
    expect(placeLabel('#1 rotated', { ...bar, gap: 30 }, 0, measure)?.x).toBe(106)
    expect(placeLabel('#1 rotated', { ...bar, gap: 200 }, 0, measure)?.x).toBe(76)
    expect(placeLabel('#1 rotated', { ...bar, room: 80, gap: 90 }, 0, measure)?.x).toBe(76)
  })

  it('begins at the edge when its bar began out of view', () => {
    expect(placeLabel('#1 rotated', { x: -500, width: 700, room: 0 }, 0, measure)).toMatchObject({ x: 6, inside: true })
  })

  it('is cut to the room there is', () => {
    const placed = placeLabel('#1 discarded · signed out', { x: 0, width: 112, room: 0 }, 0, measure)
    expect(placed?.text).toMatch(/^#1 .*…$/)
    expect(measure(placed!.text)).toBeLessThanOrEqual(100)
  })

  it('is left out, down to its number, where nothing fits', () => {
    expect(placeLabel('#1 rotated', { x: 0, width: 4, room: 34 }, 0, measure)).toEqual({
      text: '#1',
      x: 10,
      inside: false,
    })
    expect(placeLabel('#1 rotated', { x: 0, width: 4, room: 20 }, 0, measure)).toBeNull()
  })
})
