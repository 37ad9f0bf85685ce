// telemetry.ts: started before all else, with `node --import ./telemetry.ts server.ts`.
import { startTelemetry } from '@authflight/telemetry/node'

// The address and the key of the collector come from OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS.
const telemetry = startTelemetry({ serviceName: 'shop-api' })

process.once('SIGTERM', () => void telemetry.shutdown().finally(() => process.exit()))
