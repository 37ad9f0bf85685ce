import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { readRequest } from './schema.ts'

/** One export request, as the receiver saw it and as OpenTelemetry's schema reads it. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly bytes: number
  readonly request: Record<string, unknown>
}

/** Takes OTLP over HTTP. What does not keep to the schema is answered 400 and kept in `faults`. */
export function createReceiver() {
  const received: Received[] = []
  const bodies: Buffer[] = []
  const faults: string[] = []
  const arrivals = new Set<() => void>()
  let answers: { status: number; headers?: Record<string, string> }[] = []

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const sent = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    bodies.push(body)
    const { status, headers } = answers.shift() ?? { status: 200 }
    if (status !== 200) return void response.writeHead(status, headers).end()
    const { 'content-type': type = '' } = request.headers
    const path = request.url ?? ''
    try {
      received.push({ path, headers: request.headers, bytes: body.length, request: readRequest(path, type, body) })
      response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '')
    } catch (error) {
      faults.push(String(error))
      response.writeHead(400).end()
    }
    for (const tell of arrivals) tell()
  }

  return {
    handle,
    received,
    /** The bytes of every request, unpacked and unread. */
    bodies,
    faults,
    /** Answers the next requests so, and the others with 200. */
    answerNext: (...next: typeof answers) => void (answers = next),
    requestsTo: (path: string) => received.filter((one) => one.path === path),
    spans: () => received.filter(({ path }) => path.endsWith('/v1/traces')).flatMap(({ request }) => spansIn(request)),
    metrics: () =>
      received.filter(({ path }) => path.endsWith('/v1/metrics')).flatMap(({ request }) => metricsIn(request)),
    /** Settles when what has arrived, or will, is enough. */
    until(isEnough: () => boolean): Promise<void> {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!isEnough()) return
          arrivals.delete(look)
          resolve()
        }
        arrivals.add(look)
        look()
      })
    },
  }
}

/** The same on a free port of 127.0.0.1. With `tls` it is asked by HTTPS. */
export async function startReceiver(tls?: ServerOptions) {
  const receiver = createReceiver()
  const handle: RequestListener = (request, response) => void receiver.handle(request, response)
  const server = tls ? createSecureServer(tls, handle) : createServer(handle)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...receiver,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

export interface SeenSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: number
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly attributes?: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
}

interface Scoped {
  readonly scopeSpans?: readonly { readonly spans?: readonly SeenSpan[] }[]
  readonly scopeMetrics?: readonly { readonly metrics?: readonly SeenMetric[] }[]
  readonly resource?: { readonly attributes?: SeenSpan['attributes'] }
}

export interface SeenMetric {
  readonly name: string
  readonly sum?: { readonly aggregationTemporality: number; readonly dataPoints: readonly Record<string, unknown>[] }
  readonly histogram?: {
    readonly aggregationTemporality: number
    readonly dataPoints: readonly Record<string, unknown>[]
  }
}

const resources = (request: Record<string, unknown>): readonly Scoped[] =>
  (request['resourceSpans'] ?? request['resourceMetrics'] ?? []) as readonly Scoped[]

const spansIn = (request: Record<string, unknown>): readonly SeenSpan[] =>
  resources(request).flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans))

const metricsIn = (request: Record<string, unknown>): readonly SeenMetric[] =>
  resources(request).flatMap(({ scopeMetrics = [] }) => scopeMetrics.flatMap(({ metrics = [] }) => metrics))

/** The attributes of the resource that an export speaks of. */
export const resourceOf = ({ request }: Received): Record<string, unknown> =>
  Object.fromEntries(
    (resources(request)[0]?.resource?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
  )
