import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base'
import { afterAll } from 'vitest'
import { recorderHook } from '../../packages/client/src/telemetry/hook.ts'
import type { AuthRecord } from '../../packages/client/src/telemetry/record.ts'
import { findCanaries } from '../lib/canaries.mjs'
import { root } from '../lib/root.mjs'

/**
 * Notes what a test file makes the client or the server side tell, for `npm run check:telemetry`: that is all that the registry names, and nothing
 * else. And looks for secrets in all of it: a test file in which one is told has failed.
 */
export function hearTelemetry(path: string, emitter: string): void {
  const told = new Set<string>()
  const note = ({ name, attributes }: { readonly name: string; readonly attributes: object }): void =>
    void told.add(JSON.stringify({ name, attributes: Object.fromEntries(Object.entries(attributes).map(shorten)) }))
  const leaks = new Set<string>()
  const search = (name: string, parts: object): void => findCanaries(name, parts).forEach((leak) => leaks.add(leak))
  recorderHook().subscribe((source) =>
    source.subscribe((record: AuthRecord) => {
      search(record.name, record)
      // An operation that is open lacks what is known at its end.
      if (record.endedAt !== undefined) note(record)
    }),
  )
  const { export: send } = InMemorySpanExporter.prototype
  InMemorySpanExporter.prototype.export = function (spans, done) {
    for (const span of spans) {
      const { name, attributes, events, links, status, instrumentationScope } = span
      search(name, { attributes, events, links, status, instrumentationScope })
      // Transactions of a store are spans only.
      if (name === 'authflight.storage') note(span)
    }
    send.call(this, spans, done)
  }

  afterAll(() => {
    if (leaks.size > 0) throw new Error(`What was told holds secrets.\n${[...leaks].join('\n')}`)
    const folder = join(root, 'test-results', 'telemetry', emitter)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${basename(path)}.json`), `[${[...told].join(',\n')}]`)
  })
}

/** Of a number its kind, of an id its form: what is left is few, and holds no figure of one run. */
function shorten([key, value]: [string, unknown]): [string, unknown] {
  if (typeof value === 'number')
    return [key, Number.isInteger(value) ? 1 : Number.isFinite(value) ? 0.5 : String(value)]
  return [key, typeof value === 'string' && /^[0-9a-f]{8,32}$/.test(value) ? 'id' : value]
}
