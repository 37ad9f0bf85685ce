import type { Context } from '@opentelemetry/api'
import type { Attributes, CallOutcome, OperationName } from './attributes.ts'
import type { Operation, Telemetry } from './operation.ts'

interface Caller {
  readonly otelContext?: Context | undefined
}

/** One call of an app's, from its beginning to its answer, below the caller's own span. */
export function traceCall<R>(
  telemetry: Telemetry,
  name: OperationName,
  call: Caller | undefined,
  attributes: Attributes,
  run: (operation: Operation) => Promise<R>,
): Promise<R> {
  const operation = telemetry.open(name, { parent: callerOf(telemetry, call), attributes })
  const end = (error: unknown): void => {
    const outcome = outcomeOf((error as { code?: string } | null | undefined)?.code)
    operation.end({ 'authflight.call.outcome': outcome }, outcome === 'failed' ? 'failed' : undefined)
  }
  return run(operation).then(
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

/**
 * The context that a caller gave, else the running one. An app may hand in something else: below it, a `fetch` that is instrumented
 * would throw, and the token be lost.
 */
export function callerOf(telemetry: Telemetry, call: Caller | undefined): Context {
  const given = call?.otelContext
  return typeof given?.getValue === 'function' ? given : telemetry.callerContext()
}
