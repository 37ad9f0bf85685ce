import { AuthError } from './errors.ts'

/**
 * Refuses an option that there is none of: one that is misspelt would be left out without a word. `at`: whose options they are, such as
 * `oauth(): `; default nothing.
 * @throws {AuthError} `invalid_option`, naming it and the one that was probably meant, or all there are.
 */
export function checkNames(options: object, names: readonly string[], at?: string): void {
  const refusal = strangerIn(options, names, at)
  if (refusal) throw refusal
}

/** The same as a value; null where all have a name that there is. */
export function strangerIn(options: object, names: readonly string[], at = ''): AuthError | null {
  const given = isEvent(options) ? [] : Object.keys(options)
  const stranger = given.find((name) => !names.includes(name))
  if (stranger === undefined) return null
  const meant = nearest(
    // What keeps the sessions of several clients apart in auth-js.
    stranger === 'storageKey' ? 'name' : stranger,
    names.filter((name) => !given.includes(name)),
  )
  const hint = meant === undefined ? ` There are: ${names.join(', ')}.` : ` Did you mean \`${meant}\`?`
  const advice = stranger === 'options' ? ' Put what is in it beside the others.' : hint
  return new AuthError('invalid_option', `${at}There is no option \`${stranger}\`.${advice}`)
}

/** What a button hands over to whatever it calls: no options. */
export const isEvent = (given: unknown): boolean =>
  typeof (given as Partial<Event> | null)?.preventDefault === 'function'

/** The name that is most like what was typed, in `snake_case` or not: more than half of their two-letter pieces are the same. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const typed = piecesOf(name.replace(/_(.)/g, (_, first: string) => first.toUpperCase()))
  const likeness = (name: string): number => {
    const pieces = piecesOf(name)
    return (2 * typed.filter((piece) => pieces.includes(piece)).length) / (typed.length + pieces.length)
  }
  return names.filter((name) => likeness(name) >= 0.5).toSorted((a, b) => likeness(b) - likeness(a))[0]
}

const piecesOf = (name: string): string[] => Array.from(name.slice(1), (_, at) => name.slice(at, at + 2))
