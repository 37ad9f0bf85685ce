import type { Attributes } from '@opentelemetry/api'
import type { Sampler } from '@opentelemetry/sdk-trace-base'
import { TelemetryError } from './errors.ts'
import { ratioSampler } from './sampler.ts'

/** How requests are written (OTLP 1, "OTLP/HTTP"). Protobuf is a third of the size, JSON can be read in the network tab. */
export type Protocol = 'http/protobuf' | 'http/json'

export interface TelemetryOptions {
  /** `service.name` of the resource: what the backend files this app under. */
  readonly serviceName: string
  /**
   * Base address of an OTLP/HTTP receiver, to which `/v1/traces` and `/v1/metrics` are added: `https://collector.example.com`, or
   * in a page a path of its own origin, such as `/otlp`.
   */
  readonly endpoint: string
  /** Sent with every export. In a page everybody can read them: only a key that may do nothing but ingest. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default `http/protobuf`. */
  readonly protocol?: Protocol
  /** The share of traces to keep, 0 to 1, for traces that begin here; or a sampler. Default: all. */
  readonly sampler?: number | Sampler
  /** More attributes of the resource, such as `service.version` or `deployment.environment.name`. */
  readonly resource?: Readonly<Record<string, string | number | boolean>>
  /**
   * Default true. `false` leaves out the span of each token request (`authflight.token_request`), for an app whose own instrumentation of `fetch` makes
   * one of it. Records, metrics and the panel keep the attempt.
   */
  readonly attemptSpans?: boolean
}

/** The options, read once, so that nothing an app changes later is followed. */
export interface CheckedOptions {
  readonly serviceName: string | undefined
  /** Without a slash at its end. */
  readonly endpoint: string | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly protocol: Protocol | undefined
  readonly sampler: Sampler | undefined
  readonly resource: Attributes
  readonly attemptSpans: boolean
}

const names = ['serviceName', 'endpoint', 'headers', 'protocol', 'sampler', 'resource', 'attemptSpans']

/**
 * @param base what a path is resolved against; none outside pages
 * @throws {TelemetryError} `invalid_option`, naming the option and what it takes
 */
export function checkOptions(options: Partial<TelemetryOptions>, base?: string): CheckedOptions {
  if (typeof options !== 'object' || options === null) fail('startTelemetry() takes an object.')
  for (const given of Object.keys(options)) {
    if (!names.includes(given)) fail(`There is no option \`${given}\`. There are ${names.join(', ')}.`)
  }
  const { serviceName, endpoint, headers, protocol, sampler, resource, attemptSpans = true } = options
  if (serviceName !== undefined && !isText(serviceName)) fail('`serviceName` takes a name, such as "shop".')
  if (protocol !== undefined && protocol !== 'http/protobuf' && protocol !== 'http/json') {
    fail("`protocol` takes 'http/protobuf' or 'http/json'.")
  }
  if (typeof attemptSpans !== 'boolean') fail('`attemptSpans` takes true or false.')
  return {
    serviceName,
    endpoint: endpoint === undefined ? undefined : checkEndpoint(endpoint, base),
    headers: headers === undefined ? undefined : checkHeaders(headers),
    protocol,
    sampler: sampler === undefined ? undefined : checkSampler(sampler),
    resource: resource === undefined ? {} : checkResource(resource),
    attemptSpans,
  }
}

/** For a page, which has no environment to take them from. */
export function requireOptions({ serviceName, endpoint }: CheckedOptions): void {
  if (serviceName === undefined) fail('`serviceName` is missing. Give the name of this app, such as "shop".')
  if (endpoint === undefined)
    fail('`endpoint` is missing. Give the base address of an OTLP/HTTP receiver, such as "/otlp".')
}

function fail(message: string): never {
  throw new TelemetryError('invalid_option', message)
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** Also one of another realm. Of `Headers` or a `Map` nothing would be read. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The address itself is not repeated: it may hold a key. */
function checkEndpoint(endpoint: string, base: string | undefined): string {
  if (!isText(endpoint) || !URL.canParse(endpoint, base)) {
    fail('`endpoint` is no address. Write it like "https://collector.example.com", or in a page "/otlp".')
  }
  const url = new URL(endpoint, base)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') fail('`endpoint` takes an https or http address.')
  if (url.username || url.password) fail('`endpoint` holds a name or a password. Send a key in `headers` instead.')
  if (url.search || url.hash) fail('`endpoint` takes an address without `?` and `#`, because paths are added to it.')
  const path = url.pathname.replace(/\/+$/, '')
  const signal = /\/v1\/(traces|metrics|logs)$/.exec(path)?.[0]
  if (signal) fail(`\`endpoint\` is a base address: leave \`${signal}\` away, it is added.`)
  return url.origin + path
}

function checkHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  if (!isPlainObject(headers)) fail('`headers` takes an object of names and texts.')
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') fail(`The header \`${name}\` takes a text.`)
    try {
      new Headers({ [name]: value })
    } catch {
      fail(`The header \`${name}\` cannot be sent: its name or its value holds a character that headers may not hold.`)
    }
  }
  return { ...headers }
}

function checkSampler(sampler: number | Sampler): Sampler {
  if (typeof sampler === 'number') {
    if (!(sampler >= 0 && sampler <= 1)) fail('`sampler` takes a share from 0 to 1, or a sampler.')
    return ratioSampler(sampler)
  }
  if (typeof sampler?.shouldSample !== 'function') fail('`sampler` takes a share from 0 to 1, or a sampler.')
  return sampler
}

function checkResource(resource: Readonly<Record<string, string | number | boolean>>): Attributes {
  if (!isPlainObject(resource)) fail('`resource` takes an object of attributes.')
  for (const [name, value] of Object.entries(resource)) {
    const isPlain = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
    if (!isPlain) fail(`The resource attribute \`${name}\` takes a text, a number or a boolean.`)
  }
  return { ...resource }
}
