/** Down to its leaves: what an app changes in what it is given must not change what is stored. */
export function freezeAll<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(Object.freeze(value)).forEach(freezeAll)
  return value
}
