// src/telemetry.ts: the first import of src/main.ts, so that it comes before the auth client.
import { startTelemetry } from '@authflight/telemetry'

startTelemetry({
  serviceName: 'shop-web',
  // A path of the page's own origin, which the web server passes on to the collector.
  endpoint: '/otlp',
  resource: { 'service.version': '1.4.0' },
})
