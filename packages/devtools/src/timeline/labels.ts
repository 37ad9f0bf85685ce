/** A label with where it goes, or `null` where there is no room worth using. */
export interface PlacedLabel {
  readonly text: string
  readonly x: number
  readonly inside: boolean
}

const padding = 6
/** Fewer letters of a cut label say nothing. */
const leastLetters = 4
/** Not even a number fits into less, in pixels. */
const leastSpace = 12

/**
 * Puts a label inside its bar when it fits, after it when the space there is wider, cut to what there is. A bar that began
 * left of the view is labelled from the view's edge. A line that stands `gap` pixels after the bar is not written over.
 */
export function placeLabel(
  text: string,
  bar: { x: number; width: number; room: number; gap?: number; reserved?: number },
  lead: number,
  measure: (text: string) => number,
): PlacedLabel | null {
  const left = Math.max(0, bar.x)
  const space = bar.x + bar.width - left - padding * 2 - lead - (bar.reserved ?? 0)
  let after = bar.room - padding * 2 - lead
  // Measuring is what costs when thousands are in view; where no word could stand it is not done.
  if (Math.max(space, after) < leastSpace) return null
  const wanted = measure(text)
  const { gap = 0 } = bar
  const past = gap < Math.min(bar.room, wanted + lead + padding * 2) ? gap : 0
  after -= past
  const inside = wanted <= space || space >= after
  const fitting = cut(text, inside ? space : after, wanted, measure)
  if (fitting === '') return null
  return { text: fitting, x: (inside ? left : bar.x + bar.width + past) + padding, inside }
}

/** `#41` of a long label still says which one it is. */
function firstWord(text: string, space: number, measure: (text: string) => number): string {
  const word = text.slice(0, text.indexOf(' '))
  return word.startsWith('#') && measure(word) <= space ? word : ''
}

function cut(text: string, space: number, wanted: number, measure: (text: string) => number): string {
  if (wanted <= space) return text
  let fitting = text.slice(0, Math.floor((text.length * space) / wanted))
  while (fitting.length > 0 && measure(`${fitting}…`) > space) fitting = fitting.slice(0, -1)
  return fitting.length < leastLetters ? firstWord(text, space, measure) : `${fitting.trimEnd()}…`
}
