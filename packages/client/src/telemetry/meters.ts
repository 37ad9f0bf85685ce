import { createNoopMeter, type Meter, type MeterProvider, metrics } from '@opentelemetry/api'
import { guarded } from '../base/guarded.ts'
import { type Attributes, type Measure, measures, type OperationName } from './registry.ts'
import { name as scopeName, schemaUrl, version as scopeVersion } from './scope.ts'

/** The third reader of an operation, beside its span and its record: metrics, told with enum members only. */
export interface Meters {
  opened(operation: OperationName): void
  /** Whoever was opened is ended with the same meters, so that what goes up comes down. `ms`: how long it took. */
  ended(operation: OperationName, attributes: Attributes, ms: number): void
}

interface Instrument {
  opened?(): void
  ended(attributes: Attributes, ms: number): void
}

let known: { readonly provider: MeterProvider; meters: Meters | null } | null = null

/** Those of the SDK that is registered now; null where none is, so that nobody does any work for it. */
export function currentMeters(): Meters | null {
  return (
    guarded(() => {
      const provider = metrics.getMeterProvider()
      if (known?.provider !== provider) {
        known = { provider, meters: null }
        const meter = provider.getMeter(scopeName, scopeVersion, { schemaUrl })
        if (meter !== createNoopMeter()) known.meters = createMeters(meter)
      }
      return known.meters
    }) ?? null
  )
}

function createMeters(meter: Meter): Meters {
  const instruments = measures.map((measure) => createInstrument(meter, measure))
  const tell = (operation: OperationName, how: (instrument: Instrument) => void): void =>
    instruments.forEach((instrument, at) => measures[at]?.[0] === operation && guarded(() => how(instrument)))
  return {
    opened: (operation) => tell(operation, (instrument) => instrument.opened?.()),
    ended: (operation, attributes, ms) => tell(operation, (instrument) => instrument.ended(attributes, ms)),
  }
}

function createInstrument(meter: Meter, [, name, create, unit, keys, bounds]: Measure): Instrument {
  const pick = (attributes: Attributes): Record<string, string | number> =>
    Object.fromEntries(keys.flatMap((key) => (attributes[key] === undefined ? [] : [[key, attributes[key]]])))
  const made = meter[create](name, { unit, ...(bounds && { advice: { explicitBucketBoundaries: [...bounds] } }) })
  if ('record' in made) return { ended: (attributes, ms) => made.record(ms / 1_000, pick(attributes)) }
  if (create === 'createCounter') return { ended: (attributes) => made.add(1, pick(attributes)) }
  return { opened: () => made.add(1), ended: () => made.add(-1) }
}
