type Method = (...given: unknown[]) => unknown

/** The same object, each of whose methods but those named in `without` is what `wrap` makes of it. */
export function wrapMethods<T extends object>(
  surface: T,
  without: readonly string[],
  wrap: (method: Method, name: string) => Method,
): T {
  const wrapped = { ...surface }
  for (const [name, method] of Object.entries(surface) as [keyof T & string, unknown][]) {
    if (without.includes(name) || typeof method !== 'function') continue
    wrapped[name] = wrap(method as Method, name) as T[typeof name]
  }
  return wrapped
}
