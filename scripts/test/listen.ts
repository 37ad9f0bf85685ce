import { AuthError } from '../../packages/client/src/base/errors.ts'
import { recorderHook } from '../../packages/client/src/telemetry/hook.ts'
import { createHashes, findCanaries } from '../lib/canaries.mjs'
import { hearSpans } from './heard-spans.ts'

/**
 * Searches all that is told from now on for secrets: records, spans, errors of the client, and what is written to `console`, posted to a
 * BroadcastChannel or given as the name of a lock. In Node or in a browser. Gives where one stood, and does not say which.
 */
export function listen(): ReadonlySet<string> {
  const leaks = new Set<string>()
  const hashes = createHashes()

  function search(name: string, parts: object): void {
    for (const leak of findCanaries(name, parts, hashes)) leaks.add(leak)
  }

  recorderHook().subscribe((source) => source.subscribe((record) => search(record.name, record)))

  hearSpans(({ name, attributes, events, links, status, instrumentationScope }) =>
    search(name, { attributes, events, links, status, instrumentationScope }),
  )

  // What an error holds is set after it was made. Whoever the client gives it to may log it.
  hearErrors((error) => queueMicrotask(() => search('an error', readable(error))))

  // The client hashes with nothing else.
  watch(SubtleCrypto.prototype, 'digest', ([, input], result) => {
    const text = new TextDecoder('latin1').decode(input as ArrayBuffer)
    void (result as Promise<ArrayBuffer>).then((digest) => hashes.note(text, digest)).catch(() => {})
  })

  // The channel itself has the name that an app gave its client, by which its tabs meet.
  watch(BroadcastChannel.prototype, 'postMessage', ([message]) => search('a broadcast', { message: readable(message) }))

  // Old browsers have none, nor do pages without TLS.
  const { locks } = navigator as { locks?: LockManager }
  if (locks) watch(Object.getPrototypeOf(locks) as LockManager, 'request', ([name]) => search('a lock', { name }))

  // A test that has put a spy there is heard as well: the look is taken on the way to whatever `console` has at the time.
  globalThis.console = new Proxy(console, {
    get(target, key) {
      const method = Reflect.get(target, key) as unknown
      if (typeof method !== 'function') return method
      return new Proxy(method, {
        apply(write, _, args: unknown[]): unknown {
          search(`console.${String(key)}`, readable(args))
          return Reflect.apply(write, target, args)
        },
      })
    },
  })

  return leaks
}

/** Each error of the client is made by what stands between its class and `Error`. */
function hearErrors(look: (error: Error) => void): void {
  function Heard(message?: string): Error {
    const error = Reflect.construct(Error, [message], new.target ?? Error) as Error
    look(error)
    return error
  }
  Object.setPrototypeOf(AuthError, Heard)
}

/** As a method is called on whoever has it, with a look at what it is given before and at what it gives. */
function watch<T, Name extends keyof T>(of: T, name: Name, look: (args: unknown[], result: unknown) => void): void {
  const method = of[name] as (...args: unknown[]) => unknown
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    const result = method.apply(this, args)
    look(args, result)
    return result
  }
  Object.defineProperty(of, name, { value: watched, configurable: true, writable: true })
}

/** What is told as plain objects of texts, with what no JSON shows of an error. */
function readable(told: unknown): object {
  const seen = new Set<unknown>()
  const text = JSON.stringify([told], (_key, value: unknown) => {
    if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return undefined
    seen.add(value)
    if (value instanceof Map || value instanceof Set) return [...value]
    if (value instanceof Error) {
      return Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]))
    }
    return isPlain(value) ? value : Object.prototype.toString.call(value)
  })
  return JSON.parse(text) as object
}

/** Not an element of a page, which leads to all others. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}
