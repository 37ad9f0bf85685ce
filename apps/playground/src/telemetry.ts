import { context, trace } from '@opentelemetry/api'
import { startTelemetry as startExporting } from '@authflight/telemetry'
import { StackContextManager } from '@opentelemetry/sdk-trace'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'

/**
 * Registers an OpenTelemetry SDK, as an app would. It must run before the client is made: a span needs its SDK from the
 * start. The client's records get the ids of these spans, also when nothing is exported.
 */
export function startTelemetry({ exported }: { exported: boolean }): void {
  if (exported) {
    // JSON can be read in the network tab.
    startExporting({ serviceName: 'authflight-playground', endpoint: '/otlp', protocol: 'http/json' })
    return
  }
  context.setGlobalContextManager(new StackContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider())
}
