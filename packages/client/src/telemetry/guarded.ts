/** Every call into the API is guarded: an SDK's processor that throws makes `startSpan` and `end` throw. */
export function guarded<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
