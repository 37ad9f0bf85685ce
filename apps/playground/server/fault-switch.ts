import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'oidc-provider'
import { HttpError } from './http.ts'

/**
 * What goes wrong with the next refreshes. Signing in keeps working, except with `refuse`.
 *
 * - `delay_request`: the server gets the request late.
 * - `delay_answer`: the server rotates at once, its answer comes late.
 * - `lose_answer`: the server rotates, its answer never comes.
 * - `busy`, `error`, `forbidden`: 429 with Retry-After, 500, a proxy's 403 page; the server never sees the request.
 * - `refuse`: the whole authorization server is unreachable.
 */
export type Fault =
  | { readonly kind: 'none' | 'lose_answer' | 'error' | 'forbidden' | 'refuse' }
  | { readonly kind: 'delay_answer' | 'delay_request'; readonly ms: number }
  | { readonly kind: 'busy'; readonly retryAfter: number }

export type FaultKind = Fault['kind']

const kinds: readonly FaultKind[] = [
  'none',
  'delay_answer',
  'delay_request',
  'lose_answer',
  'busy',
  'error',
  'forbidden',
  'refuse',
]

const blockPage = '<!doctype html><title>Forbidden</title><h1>403 Forbidden</h1><p>Blocked by a proxy.</p>'

const none: Fault = { kind: 'none' }

/** Stands before the token endpoint. A fault stays until another is set, or for `times` refreshes. */
export class FaultSwitch {
  #fault: Fault = none
  #timesLeft = Infinity
  #lifted = new AbortController()
  readonly #appUrl: string

  /** @param appUrl the one origin whose pages may read the answers made here */
  constructor(appUrl: string) {
    this.#appUrl = appUrl
  }

  get fault(): Fault {
    return this.#fault
  }

  /** Requests and answers that the fault before held back go on at once. */
  set(fault: Fault, times = Infinity) {
    this.#fault = fault
    this.#timesLeft = times
    this.#lifted.abort()
    this.#lifted = new AbortController()
  }

  /**
   * Treats one refresh.
   *
   * @param provide lets the provider answer into `context`
   * @param note is called once, when it is decided what the server does, with the fault's name
   */
  async treat(context: Context, provide: () => Promise<void>, note: (kind: FaultKind) => void): Promise<void> {
    const { signal } = this.#lifted
    const fault = this.#take()
    switch (fault.kind) {
      case 'delay_request':
        await pause(fault.ms, signal)
        await provide()
        return note(fault.kind)
      case 'delay_answer':
        await provide()
        note(fault.kind)
        return pause(fault.ms, signal)
      case 'lose_answer':
        await provide()
        note(fault.kind)
        context.respond = false
        context.res.destroy()
        return
      case 'busy':
        context.set('Retry-After', String(fault.retryAfter))
        this.#answer(context, 429, { error: 'temporarily_unavailable', error_description: 'Too many requests.' })
        return note(fault.kind)
      case 'error':
        this.#answer(context, 500, { error: 'server_error', error_description: 'Something broke.' })
        return note(fault.kind)
      case 'forbidden':
        this.#answer(context, 403, blockPage)
        return note(fault.kind)
      case 'none':
      case 'refuse':
        await provide()
        return note(fault.kind)
    }
  }

  #take(): Fault {
    const fault = this.#fault
    if (--this.#timesLeft <= 0) this.#fault = none
    return fault
  }

  /** Without the CORS headers a page would see a network error instead of the answer. */
  #answer(context: Context, status: number, body: object | string) {
    context.status = status
    context.set('Cache-Control', 'no-store')
    context.set('Access-Control-Allow-Origin', this.#appUrl)
    context.set('Access-Control-Expose-Headers', 'Retry-After')
    context.vary('Origin')
    context.body = body
  }
}

/**
 * Reads a fault as the control endpoint takes it. Defaults: `ms` 3,000 (1 to 600,000), `retryAfter` 2 seconds
 * (0 to 3,600), `times` until lifted (1 to 1,000,000).
 *
 * @throws {HttpError} 400 with a sentence
 */
export function readFault(value: Record<string, unknown>): { fault: Fault; times?: number } {
  const kind = kinds.find((known) => known === value['kind'])
  if (!kind) throw new HttpError(400, `\`kind\` has to be one of ${kinds.join(', ')}.`)
  const fault: Fault =
    kind === 'delay_answer' || kind === 'delay_request'
      ? { kind, ms: readInteger(value, 'ms', 1, 600_000, 3000) }
      : kind === 'busy'
        ? { kind, retryAfter: readInteger(value, 'retryAfter', 0, 3600, 2) }
        : { kind }
  if (value['times'] === undefined) return { fault }
  if (kind === 'none' || kind === 'refuse') throw new HttpError(400, `\`times\` has no meaning with ${kind}.`)
  return { fault, times: readInteger(value, 'times', 1, 1_000_000) }
}

/** @throws {HttpError} 400 when it is no integer in the range, or missing without a default */
export function readInteger(
  value: Record<string, unknown>,
  name: string,
  least: number,
  most: number,
  otherwise?: number,
): number {
  const given = value[name] ?? otherwise
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) return given
  throw new HttpError(400, `\`${name}\` has to be a whole number from ${least} to ${most}.`)
}

/** Waits, unless the fault is lifted before. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
