/**
 * Finds the TypeScript in a page of Markdown.
 *
 * @param {string} markdown
 * @returns {{ line: number, extension: string, code: string }[]} `line` is that of the first line of code, from 1
 */
export function listCodeBlocks(markdown) {
  return [...markdown.matchAll(/^```(tsx?)\b.*\n([^]*?)^```$/gm)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length + 1,
    extension: /** @type {string} */ (match[1]),
    code: /** @type {string} */ (match[2]),
  }))
}
