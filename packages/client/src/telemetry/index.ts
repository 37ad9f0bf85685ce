/**
 * `@authflight/client/telemetry`: the one call site of spans and records, for the project's own packages. It may change in any
 * version; apps read records by `recorderHook` of `@authflight/client`.
 */
export type {
  Attributes,
  ContentionKind,
  ContentionResolution,
  ContentionScope,
  ErrorType,
  RefreshOutcome,
  RefreshTrigger,
  Revocation,
  WaitOutcome,
} from './attributes.ts'
export { createTelemetry, type OpenOptions, type Operation, type Telemetry } from './operation.ts'
export { randomHex } from './random.ts'
export { realmRing, type Ring } from './ring.ts'
export { trackWaits, type Wait, type Waits } from './waits.ts'
