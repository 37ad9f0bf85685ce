/**
 * The lines that only one of two texts has, each with a `-` or `+` before it, those of the first text first. Moved lines are none.
 *
 * @param {string} before
 * @param {string} now
 * @returns {string[]}
 */
export function listDifferences(before, now) {
  return [
    ...linesOnlyIn(before, now).map((line) => `- ${line}`),
    ...linesOnlyIn(now, before).map((line) => `+ ${line}`),
  ]
}

/**
 * Each line as often as it stands in `text` more often than in `other`.
 *
 * @param {string} text
 * @param {string} other
 */
function linesOnlyIn(text, other) {
  /** @type {Map<string, number>} */
  const left = new Map()
  for (const line of other.split('\n')) left.set(line, (left.get(line) ?? 0) + 1)
  return text.split('\n').filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}
