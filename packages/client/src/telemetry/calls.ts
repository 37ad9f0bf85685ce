import type { Context } from '@opentelemetry/api'
import type { Attributes, CallOutcome, OperationName } from './attributes.ts'
import type { Telemetry } from './operation.ts'

/** One call of an app's, from its beginning to its answer, below the caller's own span. */
export function traceCall<R>(
  telemetry: Telemetry,
  name: OperationName,
  call: { readonly otelContext?: Context | undefined } | undefined,
  attributes: Attributes,
  run: () => Promise<R>,
): Promise<R> {
  const { otelContext: given } = call ?? {}
  const parent = isContext(given) ? given : telemetry.callerContext()
  const operation = telemetry.open(name, { parent, attributes })
  const end = (error: unknown): void => {
    const outcome = outcomeOf((error as { code?: string } | null | undefined)?.code)
    operation.end({ 'authflight.call.outcome': outcome }, outcome === 'failed' ? 'failed' : undefined)
  }
  return run().then(
    (result) => {
      end((result as { error?: unknown } | null)?.error)
      return result
    },
    (error: unknown) => {
      end(error ?? { code: '' })
      throw error
    },
  )
}

/** `code`: of the error, none where the call did what it should. */
function outcomeOf(code: string | undefined): CallOutcome {
  if (code === undefined) return 'done'
  if (code === 'timeout') return code
  if (code === 'aborted') return 'left'
  return code === 'refresh_discarded' || code === 'attempt_superseded' ? 'discarded' : 'failed'
}

/** Whatever an app hands in. */
export const isContext = (given: Context | undefined): given is Context => typeof given?.getValue === 'function'
