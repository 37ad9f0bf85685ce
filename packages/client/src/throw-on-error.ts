import type { AuthResult } from './base/errors.ts'
import { wrapMethods } from './base/wrap-methods.ts'

/** The same object, whose methods give the data of their results, and throw their errors. */
export const throwOnError = <T extends object>(surface: T): T =>
  wrapMethods(
    surface,
    ['fetch', 'getAccessToken'],
    (method) =>
      (...given) =>
        unwrap(method(...given)),
  )

function unwrap(given: unknown): unknown {
  if (given instanceof Promise) return given.then((result: unknown) => (isResult(result) ? open(result) : result))
  // An account is a surface of its own.
  return typeof (given as { getSession?: unknown } | null)?.getSession === 'function'
    ? throwOnError(given as object)
    : given
}

const isResult = (result: unknown): result is AuthResult<unknown> =>
  (result as Partial<AuthResult<unknown>> | null | undefined)?.error !== undefined

function open({ data, error }: AuthResult<unknown>): unknown {
  if (error) throw error
  return data
}
