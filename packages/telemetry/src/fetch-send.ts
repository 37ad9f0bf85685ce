import type { Send, Sent } from './outbox.ts'

/** Milliseconds that one export may take. */
const timeout = 10_000

/** Statuses after which the same request may be sent again (OTLP 1, "OTLP/HTTP Response"). */
const retryable = [429, 502, 503, 504]

/** Bytes that all requests a page leaves behind may hold together (Fetch, 4.6: 64 KiB), with room for their headers. */
export const keepaliveLimit = 60 * 1024

/** Sends by `fetch`, as a request that outlives its page where it is small enough. */
export function fetchSend(url: string, given: Readonly<Record<string, string>> | undefined, contentType: string): Send {
  const headers = new Headers(given)
  headers.set('content-type', contentType)
  return async (body) => {
    try {
      // Called before anything is awaited, under a context that says "do not trace"; browsers lose it at the first `await`.
      const answer = await unwrap(globalThis.fetch)(url, {
        method: 'POST',
        headers,
        body: body as Uint8Array<ArrayBuffer>,
        keepalive: body.byteLength <= keepaliveLimit,
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      })
      // Until its answer is read to the end a request counts towards the browser's limit.
      await answer.arrayBuffer().catch(() => {})
      return judge(answer)
    } catch {
      return { kind: 'later', afterMs: null }
    }
  }
}

function judge({ ok, status, headers }: Response): Sent {
  if (ok) return { kind: 'taken' }
  if (!retryable.includes(status)) return { kind: 'refused' }
  const seconds = Number.parseInt(headers.get('retry-after') ?? '', 10)
  return { kind: 'later', afterMs: seconds > 0 ? seconds * 1_000 : null }
}

/** OpenTelemetry's instrumentations keep what they wrapped here, so that an exporter can do without them. */
function unwrap(wrapped: typeof fetch & { readonly __original?: unknown }): typeof fetch {
  const { __original: original } = wrapped
  return typeof original === 'function' ? (original as typeof fetch).bind(globalThis) : wrapped
}
