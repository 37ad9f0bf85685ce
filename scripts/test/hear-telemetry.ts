import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll } from 'vitest'
import { recorderHook } from '../../packages/client/src/telemetry/hook.ts'
import { root } from '../lib/root.mjs'
import { hearSpans } from './heard-spans.ts'

/**
 * Notes what a test file makes the client or the server side tell, for `npm run check:telemetry`: that is all that the registry names, and nothing
 * else.
 */
export function hearTelemetry(path: string, emitter: string): void {
  const told = new Set<string>()
  const note = (name: string, kind: string | undefined, attributes: object): void =>
    void told.add(
      JSON.stringify({ name, kind, attributes: Object.fromEntries(Object.entries(attributes).map(shorten)) }),
    )
  recorderHook().subscribe((source) =>
    source.subscribe((record) => {
      // An operation that is open lacks what is known at its end.
      if (record.endedAt !== undefined) note(record.name, record.kind, record.attributes)
    }),
  )
  hearSpans((span) => {
    // Transactions of a store are spans only.
    if (span.name === 'authflight.storage') note(span.name, spanKinds[span.kind], span.attributes)
  })

  afterAll(() => {
    const folder = join(root, 'test-results', 'telemetry', emitter)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${basename(path)}.json`), `[${[...told].join(',\n')}]`)
  })
}

/** By their numbers. */
const spanKinds = ['internal', 'server', 'client', 'producer', 'consumer']

/** Of a number its kind, of an id its form: what is left is few, and holds no figure of one run. */
function shorten([key, value]: [string, unknown]): [string, unknown] {
  if (typeof value === 'number')
    return [key, Number.isInteger(value) ? 1 : Number.isFinite(value) ? 0.5 : String(value)]
  return [key, typeof value === 'string' && /^[0-9a-f]{8,32}$/.test(value) ? 'id' : value]
}
