export { startTelemetry } from './browser.ts'
export { TelemetryError, type TelemetryErrorCode } from './errors.ts'
export type { Protocol, TelemetryOptions } from './options.ts'
export type { Telemetry } from './start.ts'
