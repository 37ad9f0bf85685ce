import { type Context, type Span, type SpanOptions, trace, type Tracer, type TracerProvider } from '@opentelemetry/api'
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'

let running: BasicTracerProvider | null = null
let tracers: TracerProvider | null = null

/** Says which SDK runs from now on, and whose tracers those of the standing provider are; null: nobody's of ours. */
export function run(sdk: BasicTracerProvider | null, provider: TracerProvider | null): void {
  running = sdk
  tracers = provider
}

/**
 * What is registered with the API, whichever SDK of ours runs. A tracer is asked for once, by the auth client when it is made, and the API hands out
 * the SDK's own: after a shutdown and another start it would tell the one that has ended. One of these asks for each span who runs now.
 */
export const standingProvider: TracerProvider & Pick<BasicTracerProvider, 'forceFlush' | 'shutdown'> = {
  getTracer(...of) {
    const current = (): Tracer => (tracers ?? trace.getTracerProvider()).getTracer(...of)
    return {
      startSpan: (name: string, options?: SpanOptions, context?: Context): Span =>
        current().startSpan(name, options, context),
      startActiveSpan(...how: unknown[]) {
        const tracer = current()
        return Reflect.apply(tracer.startActiveSpan, tracer, how) as never
      },
    }
  },
  // Some look for these behind the API's own provider, to flush before a function of a server is frozen.
  forceFlush: async () => running?.forceFlush(),
  shutdown: async () => running?.shutdown(),
}
