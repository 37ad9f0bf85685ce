/**
 * Faults of a connection that was never made, so that nothing can have gone through it. Browsers tell a refused connection and one that
 * broke by the same words, so there nothing is proved.
 */
const beforeConnection = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether the runtime proves that a request did not leave: Node, Bun and Deno name the fault in the `code` of the cause. */
export function isNeverSent(error: unknown): boolean {
  const { cause, code } = (error ?? {}) as { readonly cause?: { readonly code?: unknown }; readonly code?: unknown }
  return [code, cause?.code].some((name) => typeof name === 'string' && beforeConnection.has(name))
}
