import { type Context, context as contexts, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Realm } from '../realm/realm.ts'
import { type Attributes, type SpanEventName } from './attributes.ts'
import { guarded } from '../base/guarded.ts'
import { currentMeters, type Meters } from './meters.ts'
import { spanIds } from './random.ts'
import type { OperationName, PointName, RecordLink } from './record.ts'
import type { Draft, Entry, Ring } from './ring.ts'
import { name as scopeName, schemaUrl, version as scopeVersion } from './scope.ts'
import { findParent, startSpan, toLink } from './span.ts'

/**
 * One observable operation, opened at one call site for three readers: the span and the metrics, if the app registered an
 * OpenTelemetry SDK, and the plain record, unless the recorder is off. All carry the same attributes, span and record also the same
 * ids, times and links.
 */
export interface Operation {
  readonly link: RecordLink
  /** An SDK has made a span of it, sampled or not. */
  readonly isTraced: boolean
  /** What its children run under, passed on by hand: async context is lost after an `await` in browsers. */
  readonly context: Context
  /** Where the ring keeps its record; null where there is none. */
  readonly entry: Entry | null
  set(attributes: Attributes): void
  /** Points at something that is not the parent. At most 32 are kept. */
  addLink(link: RecordLink): void
  /** Adds detail to the span only; what the panel needs is a point record. */
  event(name: SpanEventName, attributes?: Attributes): void
  /** Ends it once; a second call changes nothing. `failed` marks the span as an error, with a fixed text. */
  end(attributes?: Attributes, failed?: 'failed'): void
}

export interface OpenOptions {
  /** The enclosing operation, or the caller's own context. Neither: a root. */
  readonly parent?: Operation | Context | undefined
  /** The caller's context to follow if it is sampled, else to link to from a root: an unsampled caller must not hide this. */
  readonly caller?: Context | undefined
  readonly links?: readonly RecordLink[]
  readonly kind?: 'internal' | 'client'
  readonly attributes: Attributes
  /** `false`: a span only, where an aggregate stands for the record. */
  readonly record?: boolean
}

export interface Telemetry {
  readonly client: string
  /** Whether records are kept. */
  readonly isRecording: boolean
  open(name: OperationName, options: OpenOptions): Operation
  /** A point record: something that happened at an instant and has no span. */
  point(name: PointName, attributes: Attributes): void
  /** The context of the running caller. Call it before the first `await`. */
  callerContext(): Context
  /** Those of the SDK that is registered now; null where nobody measures. */
  meters(): Meters | null
  /** Epoch milliseconds with a sub-millisecond part. */
  now(): number
}

export const maxLinks = 32

/** `ring` null: recorder off. */
export function createTelemetry(realm: Realm, client: string, ring: Ring | null): Telemetry {
  const { clock } = realm
  const tracer = guarded(() => trace.getTracerProvider().getTracer(scopeName, scopeVersion, { schemaUrl }))
  const newLink = spanIds(realm)

  function open(name: OperationName, options: OpenOptions): Operation {
    const kind = options.kind ?? 'internal'
    const startedAt = clock.precise()
    const { context, parent, caller } = findParent(options)
    const given = options.links ?? []
    const links = (caller ? [caller, ...given] : given).slice(0, maxLinks)
    const attributes: Attributes = { ...options.attributes }

    const traced = startSpan(context, () =>
      tracer?.startSpan(
        name,
        {
          kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
          attributes,
          links: links.map(toLink),
          startTime: startedAt,
        },
        context,
      ),
    )
    const { span } = traced
    const link = traced.link ?? newLink(parent?.link.traceId)
    const meters = currentMeters()
    meters?.opened(name)
    const record: Draft = {
      v: 1,
      id: link.id,
      traceId: link.traceId,
      parentId: parent?.link.id,
      links,
      name,
      kind,
      startedAt,
      endedAt: undefined,
      status: 'unset',
      attributes,
      client,
    }
    const entry = options.record === false ? null : (ring?.add(record, parent?.entry) ?? null)
    const hasEnded = (): boolean => record.endedAt !== undefined
    function set(more: Attributes): void {
      if (hasEnded()) return
      Object.assign(attributes, more)
      guarded(() => span?.setAttributes(more))
    }

    return {
      link,
      isTraced: traced.link !== null,
      context: traced.context,
      entry,
      set,
      addLink(to) {
        if (hasEnded() || links.length >= maxLinks) return
        links.push(to)
        guarded(() => span?.addLink(toLink(to)))
      },
      event(eventName, more) {
        if (!hasEnded()) guarded(() => span?.addEvent(eventName, more))
      },
      end(more, failed) {
        if (hasEnded()) return
        const endedAt = clock.precise()
        set(more ?? {})
        record.endedAt = endedAt
        if (failed) record.status = 'error'
        if (failed) guarded(() => span?.setStatus({ code: SpanStatusCode.ERROR, message: 'It failed.' }))
        guarded(() => span?.end(endedAt))
        meters?.ended(name, attributes, endedAt - startedAt)
        if (entry) ring?.ended(entry)
      },
    }
  }

  return {
    client,
    now: clock.precise,
    isRecording: ring !== null,
    meters: currentMeters,
    open,
    point(name, attributes) {
      if (!ring) return
      const at = clock.precise()
      ring.add({
        v: 1,
        ...newLink(),
        links: [],
        name,
        kind: 'point',
        startedAt: at,
        endedAt: at,
        status: 'unset',
        attributes,
        client,
      })
    },
    callerContext: () => guarded(() => contexts.active()) ?? ROOT_CONTEXT,
  }
}
