/**
 * Every call into the API is guarded: an SDK's processor that throws makes `startSpan` and `end` throw. So is every reader of records: its
 * fault is its own, and must not hold up a refresh.
 */
export function guarded<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
