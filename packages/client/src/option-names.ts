import { AuthError } from './errors.ts'

/**
 * Refuses an option that there is none of: one that is misspelt would be left out without a word. `at`: whose options they are, such as
 * `oauth(): `; default nothing.
 * @throws {AuthError} `invalid_option`, naming it and the one that was probably meant.
 */
export function checkNames(options: object, names: readonly string[], at = ''): void {
  const stranger = Object.keys(options).find((given) => !names.includes(given))
  if (stranger === undefined) return
  throw new AuthError(
    'invalid_option',
    `${at}There is no option \`${stranger}\`. Did you mean \`${nearest(stranger, names)}\`?`,
  )
}

/** The name that has most of the two-letter pieces of what was typed. */
function nearest(typed: string, names: readonly string[]): string {
  const pieces = Array.from(typed, (_, at) => typed.slice(at, at + 2))
  const score = (name: string): number => pieces.filter((piece) => name.includes(piece)).length / name.length
  return names.toSorted((a, b) => score(b) - score(a))[0] as string
}
