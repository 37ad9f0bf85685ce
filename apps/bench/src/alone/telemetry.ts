import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
// One wait cannot be had alone through the client's own door, so this measures what stands behind it.
import { systemRealm } from '../../../../packages/client/src/realm/system-realm.ts'
import { createTelemetry } from '../../../../packages/client/src/telemetry/operation.ts'
import { createRing } from '../../../../packages/client/src/telemetry/ring.ts'
import { trackWaits, type Waits } from '../../../../packages/client/src/telemetry/waits.ts'
import { cpuTime } from './world.ts'

/** What one wait costs in telemetry, with no SDK: nanoseconds of processor time. */
export interface TelemetryResult {
  /** A span of the OpenTelemetry API that nobody reads, started and ended. */
  readonly noopSpan: number
  readonly recorderOff: number
  /** One of the first waits of a flight, which are records of their own, in a process that begins. */
  readonly recordedAtFirst: number
  /** The same when it has run for a while. */
  readonly recorded: number
  /** One of the many after them, which share a record. */
  readonly aggregated: number
}

/** Of one flight so many waits are records of their own. */
const recordedWaits = 32

/** Milliseconds. The compiler is done long before, and the heap has grown to what the ring needs. */
const longWarmUp = 1_500
const sample = 500

export function measureTelemetry(): TelemetryResult {
  const ring = createRing(systemRealm)
  ring.atLeast(5_000)
  return {
    noopSpan: timeOne(spans(), 1),
    recorderOff: timeOne(waits(null, 10_000), 10_000),
    recordedAtFirst: timeOne(waits(ring, recordedWaits), recordedWaits, 0),
    recorded: timeOne(waits(ring, recordedWaits), recordedWaits),
    aggregated: timeOne(waits(ring, 10_000), 10_000),
  }
}

function spans(): () => void {
  const tracer = trace.getTracer('bench')
  return () => tracer.startSpan('authflight.wait').end()
}

/** One flight after the other that so many callers wait for and that ends for all of them. */
function waits(ring: Parameters<typeof createTelemetry>[2], callers: number): () => void {
  const telemetry = createTelemetry(systemRealm, 'bench', ring)
  const open = Array.from<ReturnType<Waits['open']>>({ length: callers })
  let flights = 0
  return () => {
    const id = `flight-${(flights += 1)}`
    const flight = telemetry.open('authflight.refresh', { attributes: { 'authflight.flight.id': id } })
    const tracked = trackWaits(telemetry, id, flight)
    for (let i = 0; i < callers; i += 1) open[i] = tracked.open(ROOT_CONTEXT)
    for (let i = 0; i < callers; i += 1) tracked.close(open[i] ?? null, 'rotated')
    flight.end()
  }
}

function timeOne(run: () => void, parts: number, warmUp = longWarmUp): number {
  const runFor = (ms: number): number => {
    let runs = 0
    const begun = cpuTime()
    for (const ends = performance.now() + ms; performance.now() < ends; runs += 1)
      for (let i = 0; i < batch; i += 1) run()
    return ((cpuTime() - begun) / (runs * batch * parts)) * 1e6
  }
  // So that looking at the clock is no part of a short run.
  const batch = Math.max(1, Math.ceil(10_000 / parts))
  if (warmUp > 0) runFor(warmUp)
  return runFor(sample)
}
