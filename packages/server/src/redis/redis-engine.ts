import { AuthError } from '@authflight/client'
import { settleWithin } from '@authflight/client/presentation'
import { type Realm, systemRealm } from '@authflight/client/realm'
import {
  type Claimed,
  type ClaimRequest,
  failuresCountFor,
  type Place,
  rememberFor,
  type SharedEngine,
  type Stored,
} from '../engine.ts'
import { insist } from '../insist.ts'
import { duration } from '../options.ts'
import { connect, type RedisClient } from './connection.ts'
import * as scripts from './scripts.ts'
import { createWakes } from './wakes.ts'

export interface RedisEngineOptions {
  /** An ordinary client of `redis` or `ioredis`, yours to close. */
  readonly client: RedisClient
  /** Begins every key. Default `authflight:`. */
  readonly prefix?: string
  /**
   * Milliseconds after which a command that has no answer counts as lost, whatever the client's own settings are. Default 500. A client that
   * knows that it is not connected is not asked.
   */
  readonly commandTimeout?: number
}

export interface RedisEngine extends SharedEngine {
  /** Closes the connection that listens, for good: who waits looks by itself from then on. Your client stays open. */
  close(): void
}

/** How often a waiter looks again, although a message should wake it: messages get lost. Milliseconds, half of it jitter. */
const lookAgain = 500

/**
 * An engine that processes share through Redis or Valkey. It opens one more connection when it first waits, which listens.
 * @throws {AuthError} `invalid_option`, naming the option and what it takes.
 */
export function redisEngine(
  options: RedisEngineOptions,
  { clock, random }: Pick<Realm, 'clock' | 'random'> = systemRealm,
): RedisEngine {
  if (typeof options !== 'object' || options === null) fail('takes an object with at least `client`.')
  const { client, prefix = 'authflight:', commandTimeout = 500 } = options
  const connection = connect(client) ?? fail('`client` is no client of the packages redis or ioredis.')
  if (typeof prefix !== 'string' || /[{}]/.test(prefix))
    fail('`prefix` takes text without braces: they mark the hash tag.')
  duration('commandTimeout', commandTimeout, 500)
  const channel = `${prefix}wake`
  const wakes = createWakes(connection, channel, clock)

  // The session is the hash tag: all that is read together stands together.
  const endKey = (session: string): string => `${prefix}{${session}}:end`
  const keysOf = ({ session, token }: Place): string[] => [
    endKey(session),
    ...['standing', 'lease', 'outcome'].map((what) => `${prefix}{${session}}:${what}:${token}`),
  ]
  const nameOf = ({ session, token }: Place): string => `${session} ${token}`

  function checkConnected(): void {
    if (connection.isDown) throw new Error('Redis is not connected.')
  }

  async function send(...command: Parameters<typeof connection.evaluate>): Promise<unknown> {
    checkConnected()
    return connection.evaluate(...command)
  }

  async function run(...command: Parameters<typeof connection.evaluate>): Promise<unknown> {
    const settled = await settleWithin(send(...command), clock, commandTimeout)
    if (settled.by !== 'value') throw new Error('Redis did not answer in time.')
    return settled.value
  }

  async function store(
    place: Place,
    holder: string,
    sealed: Uint8Array,
    {
      ttl,
      success,
      lost,
      awaited,
    }: { readonly [flag in 'success' | 'lost' | 'awaited']: boolean } & { readonly ttl: number },
  ): Promise<Stored> {
    const life = success && !awaited ? rememberFor : ttl
    const flags = [success, lost, awaited].map(Number)
    const how = [Math.ceil(life), Math.ceil(ttl), ...flags, success ? 0 : failuresCountFor]
    const answer = await run(scripts.store, keysOf(place), [holder, toText(sealed), ...how, channel, nameOf(place)])
    const [kind, kept, age] = answer as [Stored['kind'], string?, number?]
    if (kind !== 'superseded') return { kind }
    const bytes = toBytes(kept ?? '')
    return { kind, outcome: bytes && { sealed: bytes, age: Number(age) } }
  }

  async function claim(
    place: Place,
    request: ClaimRequest,
    missed = request.miss ? toText(request.miss) : '',
  ): Promise<Claimed> {
    const { holder, lease, note, again, awaited } = request
    const words = [holder, Math.ceil(lease), toText(note), again ? 1 : 0, missed, awaited ? 1 : 0, rememberFor, channel]
    // Where nothing is sent, nothing is to be given back.
    checkConnected()
    const answer = await run(scripts.claim, keysOf(place), [...words, nameOf(place)]).catch((error: unknown) => {
      // It may be taken all the same, and nobody uses it. However slow Redis is, it comes to this when it has come to the claim.
      const giveBack = () => send(scripts.release, keysOf(place), [holder, channel, nameOf(place)])
      insist(clock, lease, 5_000, giveBack)
      throw error
    })
    const [kind, one, two, three] = answer as [Claimed['kind'], string, string, number]
    switch (kind) {
      case 'taken':
        return { kind, orphan: Number(one) === 1, takes: Number(two) }
      case 'held':
        return { kind, holder: one, note: toBytes(two) ?? new Uint8Array(), left: Number(three) }
      case 'outcome': {
        const bytes = toBytes(one)
        // Nobody here has written that: it counts as none.
        return bytes ? { kind, outcome: { sealed: bytes, age: Number(two) } } : claim(place, request, one)
      }
      case 'abandoned':
      case 'ended':
        return { kind }
    }
  }

  return {
    scope: 'cluster',

    claim: (place, request) => claim(place, request),
    publish: (place, holder, sealed, how) => store(place, holder, sealed, { ...how, success: true, lost: false }),
    fail: (place, holder, sealed, how) => store(place, holder, sealed, { ...how, success: false }),

    async wait(place, holder, ms) {
      const until = clock.monotonic() + ms
      checkConnected()
      await wakes.open(commandTimeout)
      for (;;) {
        // Before the look, so that what happens after it wakes this one.
        const pause = Math.min(until - clock.monotonic(), (lookAgain / 2) * (1 + random()))
        const { woken, cancel } = wakes.next([place.session, nameOf(place)], pause)
        const isOver = await run(scripts.isHeld, keysOf(place), [holder]).then(
          (held) => Number(held) === 0,
          (error: unknown) => {
            cancel()
            throw error
          },
        )
        if (isOver) return cancel()
        await woken
        if (clock.monotonic() >= until) return
      }
    },

    async end(session, ttl) {
      // As long as Redis can count.
      await run(scripts.end, [endKey(session)], [Math.min(Math.ceil(ttl), Number.MAX_SAFE_INTEGER), channel, session])
    },

    close: wakes.close,
  }
}

function fail(message: string): never {
  throw new AuthError('invalid_option', `redisEngine(): ${message}`)
}

/** A call takes no more arguments than the stack has room for. */
const mostArguments = 0x2000

function toText(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += mostArguments) {
    text += String.fromCharCode(...bytes.subarray(at, at + mostArguments))
  }
  return btoa(text)
}

/** Null for what `toText` has not made. */
function toBytes(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    return text && toText(bytes) === text ? bytes : null
  } catch {
    return null
  }
}
