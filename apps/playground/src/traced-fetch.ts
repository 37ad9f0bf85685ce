import type { AuthClient } from '@authflight/client'
import { context, SpanKind, trace } from '@opentelemetry/api'

type Fetch = AuthClient['fetch']

/**
 * `fetch` with a span around each call, as an app's instrumentation makes one: the client's own spans hang below it, and through the
 * `traceparent` that it sends the API's span does.
 */
export function tracedFetch(fetch: Fetch): Fetch {
  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, location.href)
    const span = trace
      .getTracer('authflight-playground')
      .startSpan(`GET ${pathname.replace(/\d+$/, ':n')}`, { kind: SpanKind.CLIENT })
    const { traceId, spanId, traceFlags } = span.spanContext()
    const headers = new Headers(init?.headers)
    headers.set('traceparent', `00-${traceId}-${spanId}-0${traceFlags & 1}`)
    try {
      // Called before anything is awaited: what is active is lost then, in browsers.
      return await context.with(trace.setSpan(context.active(), span), () => fetch(input, { ...init, headers }))
    } finally {
      span.end()
    }
  }
}
