import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ensureOwnPackages } from '../../../../scripts/lib/own-packages.mjs'

export interface ReceivedLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** `INTERNAL`, `CLIENT`, … */
  readonly kind: string
  /** Epoch milliseconds. */
  readonly startTime: number
  readonly endTime: number
  /** The span's own, and those of its resource. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links?: readonly ReceivedLink[]
  readonly status: { readonly code: string }
}

export interface ReceivedTrace {
  readonly traceId: string
  readonly service: string
  readonly spans: readonly ReceivedSpan[]
}

/** A metric with one set of attributes. */
export interface ReceivedSeries {
  readonly name: string
  readonly service: string
  readonly temporality: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly points: readonly { readonly count?: number }[]
}

export interface Receiver {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT takes: the origin, without /v1/traces. */
  readonly url: string
  /** All traces received so far. */
  readTraces(): Promise<ReceivedTrace[]>
  /** All series of this metric so far. */
  readMetric(name: string): Promise<ReceivedSeries[]>
  stop(): Promise<void>
}

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Starts autotel-devtools on a free port of 127.0.0.1. Its packages are installed first where they are missing. */
export async function startReceiver(): Promise<Receiver> {
  await ensureOwnPackages(folder)
  // Without the flags of the test runner, which would resolve packages in its own way.
  const server = fork(`${folder}serve.mjs`, { execArgv: [] })
  const ended = once(server, 'exit')
  const started = await Promise.race([once(server, 'message'), ended.then(() => undefined)])
  if (!started) throw new Error(`The OTLP receiver did not start; run node serve.mjs in ${folder} to see why.`)
  const url = `http://127.0.0.1:${(started[0] as { port: number }).port}`
  return {
    url,
    readTraces: () => readTraces(url),
    async readMetric(name) {
      const { series } = (await query(url, 'metrics', { name })) as { series: ReceivedSeries[] }
      return series
    },
    async stop() {
      server.kill()
      await ended
    },
  }
}

async function readTraces(url: string): Promise<ReceivedTrace[]> {
  const traces: ReceivedTrace[] = []
  let cursor: string | null = null
  do {
    const more = { limit: 200, ...(cursor !== null && { cursor }) }
    const page = (await query(url, 'traces', more)) as { traces: ReceivedTrace[]; nextCursor: string | null }
    traces.push(...page.traces)
    cursor = page.nextCursor
  } while (cursor !== null)
  return traces
}

async function query(url: string, of: 'traces' | 'metrics', what: object): Promise<unknown> {
  const response = await fetch(`${url}/api/query/${of}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '', ...what }),
  })
  return response.json()
}
