import type { Context } from '@opentelemetry/api'
import type { ContentionKind, ContentionResolution, ContentionScope } from './attributes.ts'
import type { Operation, Telemetry } from './operation.ts'
import type { RecordLink } from './record.ts'

/** Opens what is told of two parties who want the same token. Returns the way to end it. */
export function openContention(
  telemetry: Telemetry,
  kind: ContentionKind,
  scope: ContentionScope,
  parent?: Operation | Context,
  links: readonly RecordLink[] = [],
): (resolution: ContentionResolution) => void {
  const operation = telemetry.open('authflight.contention', {
    parent,
    links,
    attributes: { 'authflight.contention.kind': kind, 'authflight.contention.scope': scope },
  })
  return (resolution) => operation.end({ 'authflight.contention.resolution': resolution })
}
