import { context as contexts, INVALID_SPAN_CONTEXT, trace, type Tracer, type TracerProvider } from '@opentelemetry/api'

const attempt = 'authflight.token_request'

/**
 * Gives a provider that makes every span but that of a token request (`authflight.token_request`), for an app whose own instrumentation of `fetch`
 * makes one of it: that hangs below the refresh then, with nothing between them. Records, metrics and the panel keep the attempt. Register what this
 * gives in the place of the provider, before the auth client is made.
 *
 * @example trace.setGlobalTracerProvider(withoutAttemptSpans(provider))
 */
export function withoutAttemptSpans(provider: TracerProvider): TracerProvider {
  return { getTracer: (...of) => passOver(provider.getTracer(...of)) }
}

/** An attempt gets its parent's identity, as all spans do where there is no SDK: what is made below it is made below the parent. */
function passOver(tracer: Tracer): Tracer {
  return {
    startSpan: (name, options, context = contexts.active()) =>
      name === attempt
        ? trace.wrapSpanContext(trace.getSpanContext(context) ?? INVALID_SPAN_CONTEXT)
        : tracer.startSpan(name, options, context),
    startActiveSpan: (...how: unknown[]) => Reflect.apply(tracer.startActiveSpan, tracer, how) as never,
  }
}
