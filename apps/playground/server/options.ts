import { Complaint } from './complaint.ts'
import { findCollector, findCollectorHeaders } from './otlp-proxy.ts'
import type { PlaygroundOptions } from './playground.ts'

/**
 * Reads the words behind `npm start --`. `--traces`: a trace view beside the playground.
 *
 * @throws {Complaint} when one of them is none
 */
export function readFlags(words: readonly string[]): { readonly traces: boolean } {
  const unknown = words.find((word) => word !== '--traces')
  if (unknown !== undefined) throw new Complaint(`There is no ${unknown} here. What there is: --traces.`)
  return { traces: words.length > 0 }
}

/**
 * Reads HOST, PORT, AUTH_PORT (without it, the one after PORT), PUBLIC_URL, PUBLIC_AUTH_URL, OTEL_EXPORTER_OTLP_ENDPOINT
 * and OTEL_EXPORTER_OTLP_HEADERS. An empty variable is as good as none.
 *
 * @throws {Complaint} when one of them cannot be meant
 */
export function readOptions(env: NodeJS.ProcessEnv): PlaygroundOptions {
  const host = env['HOST']
  const port = readPort(env, 'PORT')
  const authPort = readPort(env, 'AUTH_PORT') ?? (port && port + 1)
  const publicUrl = readOrigin(env, 'PUBLIC_URL')
  const publicAuthUrl = readOrigin(env, 'PUBLIC_AUTH_URL')
  const collector = findCollector(env)
  return {
    ...(host && { host }),
    ...(port !== undefined && { port }),
    ...(authPort !== undefined && { authPort }),
    ...(publicUrl && { publicUrl }),
    ...(publicAuthUrl && { publicAuthUrl }),
    ...(collector && { collector, collectorHeaders: findCollectorHeaders(env) }),
  }
}

function readPort(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name]
  if (!text) return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_535) return port
  throw new Complaint(`${name} is ${text}, which is no port. Give a number from 1 to 65534, or 0 for any free port.`)
}

function readOrigin(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name]
  if (!text) return undefined
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
  throw new Complaint(`${name} is ${text}. Give scheme, host and port alone, like http://localhost:8080.`)
}
