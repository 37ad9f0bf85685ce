import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'

/** What can be served. */
interface Servable {
  readonly issuer: string
  handle(request: Request): Promise<Answer>
}

/** Where a served authorization server listens. */
export interface Served {
  /** The issuer to give to the client, e.g. `http://127.0.0.1:41234`. Ends without a slash. */
  readonly url: string
  /** Stops listening and cuts the connections that are open. */
  close(): Promise<void>
}

/**
 * Lets an authorization server answer over HTTP on 127.0.0.1, for tests with real browsers and several tabs. Every origin
 * may read its answers. The discovery document and what it signs name the address it is asked under, so its `issuer`
 * option matters only for its path.
 *
 * @param options.port Default 0: any free port.
 * @throws Where the port is taken (`EADDRINUSE`).
 */
export async function serve(server: Servable, options: { readonly port?: number } = {}): Promise<Served> {
  const listener = createServer((incoming, outgoing) => {
    respond(server, incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = listener.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  return {
    url: `http://127.0.0.1:${port}${new URL(server.issuer).pathname}`.replace(/\/$/, ''),
    close: () =>
      new Promise((resolve, reject) => {
        listener.close((error) => (error ? reject(error) : resolve()))
        listener.closeAllConnections()
      }),
  }
}

const everyAnswer = {
  // Chromium by itself sends a request again, also a POST, when a connection that it used before is cut without an answer:
  // a lost answer would then be a reuse that no client made. So each request gets a connection of its own.
  connection: 'close',
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'apikey, authorization, content-type, dpop, x-client-info, x-supabase-api-version',
  'access-control-allow-methods': 'GET, POST, PUT',
  'access-control-expose-headers': 'date, dpop-nonce, retry-after, www-authenticate',
}

async function respond(server: Servable, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (incoming.method === 'OPTIONS') {
    outgoing.writeHead(204, everyAnswer).end()
    return
  }
  const answer = await server.handle(await readRequest(incoming))
  if (typeof answer === 'string') {
    outgoing.destroy()
    return
  }
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...everyAnswer })
  outgoing.end(Buffer.from(await answer.arrayBuffer()))
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const body = method === 'POST' || method === 'PUT' ? { body: Buffer.concat(chunks) } : {}
  return new Request(new URL(url, `http://${incoming.headers.host}`), { method, headers, ...body })
}
