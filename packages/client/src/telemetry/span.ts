import {
  type Context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import { guarded } from '../base/guarded.ts'
import type { OpenOptions } from './operation.ts'
import type { RecordLink } from './record.ts'
import type { Entry } from './ring.ts'

export interface Started {
  readonly span: Span | undefined
  /** The ids that an SDK gave it; null where none has made it: then it is a copy of its parent's context. */
  readonly link: RecordLink | null
  /** What its children run under. */
  readonly context: Context
}

export function startSpan(parent: Context, start: () => Span | undefined): Started {
  const span = guarded(start)
  const link = readSpan(() => span?.spanContext())?.link
  if (!span || !link || link.id === readSpan(() => trace.getSpanContext(parent))?.link.id)
    return { span, link: null, context: parent }
  return { span, link, context: guarded(() => trace.setSpan(parent, span)) ?? parent }
}

/** The context to begin in, the parent in it, and the caller that is linked to instead. */
export interface Parentage {
  readonly context: Context
  readonly parent: { readonly link: RecordLink; readonly entry?: Entry | null } | null | undefined
  readonly caller?: RecordLink
}

export function findParent({ parent, caller }: OpenOptions): Parentage {
  if (parent && 'link' in parent) return { context: parent.context, parent }
  const context = parent ?? caller ?? ROOT_CONTEXT
  const span = readSpan(() => trace.getSpanContext(context))
  // A waiter's span belongs to its caller whatever the sampler says; a flight serves many and must not vanish with one.
  if (!span || parent || span.isSampled) return { context, parent: span }
  return { context: guarded(() => trace.deleteSpan(context)) ?? ROOT_CONTEXT, parent: null, caller: span.link }
}

/** What an SDK tells of a span, taken at once: its getters may throw. Nothing where it tells of none. */
const readSpan = (ask: () => SpanContext | undefined) =>
  guarded(() => {
    const { traceId = '', spanId = '', traceFlags = 0 } = ask() ?? {}
    if (!isSpanContextValid({ traceId, spanId, traceFlags })) return undefined
    return { link: { traceId, id: spanId }, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }
  })

export const toLink = ({ traceId, id }: RecordLink): Link => ({
  context: { traceId, spanId: id, traceFlags: TraceFlags.SAMPLED },
})
