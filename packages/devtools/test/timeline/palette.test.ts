import { describe, expect, it } from 'vitest'
import { palettes } from '../../src/timeline/palette.ts'

/** WCAG's relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

it('contrast is what WCAG says', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  const { ground, future, tones, generations, ink, muted, bolt } = palettes[theme]
  const paints = [...Object.entries(tones), ...generations.map((paint, index) => [`gen ${index + 1}`, paint] as const)]

  it.each(paints)('shows the edge of %s 3:1 at least, and its words 4.5:1', (_, paint) => {
    for (const below of [ground, future]) expect(contrast(paint.edge, below)).toBeGreaterThanOrEqual(3)
    expect(contrast(paint.ink, paint.fill)).toBeGreaterThanOrEqual(4.5)
  })

  it('shows words and bolts on the ground', () => {
    for (const below of [ground, future]) {
      for (const words of [ink, muted]) expect(contrast(words, below)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(bolt, below)).toBeGreaterThanOrEqual(3)
    }
  })
})
