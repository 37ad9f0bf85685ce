import { parseKeyPairsIntoRecord } from '@opentelemetry/core'
import { Complaint } from './complaint.ts'
import { type Handler, HttpError, readBody, sendJson } from './http.ts'

/** Bytes. What a page sends at once is less than a hundredth of it. */
const largestBatch = 4 * 1024 * 1024

/** Milliseconds a collector may take. */
const patience = 10_000

/**
 * Where spans and metrics go, from the standard variables.
 *
 * @returns a base address that ends with a slash; undefined when none is set
 * @throws {Complaint} when the address is not one
 */
export function findCollector(env: NodeJS.ProcessEnv): URL | undefined {
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT']
  if (!base) return undefined
  if (!/^https?:/.test(base) || !URL.canParse(base)) {
    // It is not repeated: a name and a password may stand in it.
    throw new Complaint('OTEL_EXPORTER_OTLP_ENDPOINT is no http address. Write it like http://localhost:4318.')
  }
  return new URL(base.replace(/\/?$/, '/'))
}

/** What a collector wants to be sent beside them, such as the key of an account, from OTEL_EXPORTER_OTLP_HEADERS: `name=value,…`. */
export const findCollectorHeaders = (env: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  parseKeyPairsIntoRecord(env['OTEL_EXPORTER_OTLP_HEADERS'])

/** Sends what is written as OTLP already, with these headers and no others. Rejects where the collector does not answer in time. */
export async function postTo(collector: URL, path: string, headers: Readonly<Record<string, string>>, body: Buffer) {
  const answer = await fetch(new URL(path, collector), {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
    signal: AbortSignal.timeout(patience),
  })
  const { ok, status } = answer
  // Read even where nobody wants it, or the connection is not free for the next.
  return { ok, status, type: answer.headers.get('content-type'), body: new Uint8Array(await answer.arrayBuffer()) }
}

/** Hands the page's spans and metrics on to the collector, which need not allow calls from a page. The body goes as it came. */
export function createOtlpProxy(collector: URL | undefined, extra: Readonly<Record<string, string>> = {}): Handler {
  return async (request, response, { pathname }) => {
    if (!collector) throw new HttpError(404, 'Set OTEL_EXPORTER_OTLP_ENDPOINT to have spans and metrics exported.')
    const { 'content-type': type = 'application/json', 'content-encoding': encoding } = request.headers
    const body = await readBody(request, largestBatch)
    try {
      const headers = { ...extra, 'content-type': type, ...(encoding && { 'content-encoding': encoding }) }
      const answer = await postTo(collector, pathname.replace('/otlp/', ''), headers, body)
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' })
      response.end(answer.body)
    } catch {
      sendJson(response, 502, { message: `The collector at ${collector.origin} does not answer.` })
    }
  }
}
