import { AuthError } from './errors.ts'

/**
 * Refuses an option that there is none of: one that is misspelt would be left out without a word. `at`: whose options they are, such as
 * `oauth(): `; default nothing.
 * @throws {AuthError} `invalid_option`, naming it and the one that was probably meant.
 */
export function checkNames(options: object, names: readonly string[], at?: string): void {
  const refusal = strangerIn(options, names, at)
  if (refusal) throw refusal
}

/** The same as a value; null where all have a name that there is. */
export function strangerIn(options: object, names: readonly string[], at = ''): AuthError | null {
  const given = Object.keys(options)
  const stranger = given.find((name) => !names.includes(name))
  if (stranger === undefined) return null
  const meant = nearest(
    stranger,
    names.filter((name) => !given.includes(name)),
  )
  const hint = meant === undefined ? '' : ` Did you mean \`${meant}\`?`
  const advice = stranger === 'options' ? ' Put what is in it beside the others.' : hint
  return new AuthError('invalid_option', `${at}There is no option \`${stranger}\`.${advice}`)
}

/** The name that has most of the two-letter pieces of what was typed, in `snake_case` or not; undefined where none has any. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const typed = name.replace(/_(.)/g, (_, first: string) => first.toUpperCase())
  const pieces = Array.from(typed.slice(1), (_, at) => typed.slice(at, at + 2))
  const score = (name: string): number => pieces.filter((piece) => name.includes(piece)).length / name.length
  return names.filter((name) => score(name) > 0).toSorted((a, b) => score(b) - score(a))[0]
}
