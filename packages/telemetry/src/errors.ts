/** Why telemetry could not be started. */
export type TelemetryErrorCode = 'invalid_option' | 'unsupported_variable' | 'already_started'

/** Telemetry could not be started as it was asked. The message names the fault and the fix, and holds no header and no address. */
export class TelemetryError extends Error {
  readonly code: TelemetryErrorCode
  constructor(code: TelemetryErrorCode, message: string) {
    super(message)
    this.name = 'TelemetryError'
    this.code = code
  }
}
