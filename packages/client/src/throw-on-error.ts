import type { AuthResult } from './errors.ts'

/** The same object, whose methods give the data of their results, and throw their errors. */
export function throwOnError<T extends object>(surface: T): T {
  const wrapped = { ...surface }
  for (const [name, method] of Object.entries(surface) as [keyof T & string, unknown][]) {
    if (name === 'fetch' || name === 'getAccessToken' || typeof method !== 'function') continue
    const opened = (...given: unknown[]): unknown => unwrap((method as (...given: unknown[]) => unknown)(...given))
    wrapped[name] = opened as T[typeof name]
  }
  return wrapped
}

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
