/**
 * What is needed of a client of the package `redis`. Give one that is connected, made with `disableOfflineQueue: true`, and with an
 * `error` listener.
 */
export interface NodeRedisClient {
  sendCommand(words: string[]): Promise<unknown>
  duplicate(): NodeRedisClient
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  destroy(): void
  readonly isReady: boolean
}

/** What is needed of a client of the package `ioredis`. Give one made with `enableOfflineQueue: false`, and with an `error` listener. */
export interface IoRedisClient {
  call(command: string, ...words: string[]): Promise<unknown>
  duplicate(override: { enableOfflineQueue: boolean; lazyConnect: boolean }): IoRedisClient
  subscribe(channel: string): Promise<unknown>
  on(event: string, listener: (...told: never[]) => void): unknown
  disconnect(): void
  readonly status: string
}

export type RedisClient = NodeRedisClient | IoRedisClient

/** One client, whichever it is. */
export interface Connection {
  /** It is known not to reach Redis now. */
  readonly isDown: boolean
  evaluate(script: string, keys: readonly string[], words: readonly (string | number)[]): Promise<unknown>
  /** Opens a connection of its own that listens, and goes on over reconnections. */
  listen(channel: string, heard: (message: string) => void): Listening
}

export interface Listening {
  /** Rejects where it could not be opened; then it is closed. */
  readonly ready: Promise<void>
  close(): void
}

/** Null for what is no client. */
export function connect(client: RedisClient): Connection | null {
  if (typeof client !== 'object' || client === null || typeof client.duplicate !== 'function') return null
  // A client of ioredis has `sendCommand` as well, with another meaning: it is known by `call`.
  if ('call' in client && typeof client.call === 'function') return viaIoRedis(client)
  return 'sendCommand' in client && typeof client.sendCommand === 'function' ? viaNodeRedis(client) : null
}

const evalWords = (script: string, keys: readonly string[], words: readonly (string | number)[]): string[] => [
  script,
  String(keys.length),
  ...keys,
  ...words.map(String),
]

function viaNodeRedis(client: NodeRedisClient): Connection {
  return {
    get isDown() {
      return !client.isReady
    },
    evaluate: (script, keys, words) => client.sendCommand(['EVAL', ...evalWords(script, keys, words)]),
    listen(channel, heard) {
      const listener = client.duplicate()
      listener.on('error', () => {})
      const open = async (): Promise<void> => {
        await listener.connect()
        await listener.subscribe(channel, heard)
      }
      return listening(open(), () => listener.destroy())
    },
  }
}

const downStates = new Set(['reconnecting', 'close', 'end'])

function viaIoRedis(client: IoRedisClient): Connection {
  return {
    get isDown() {
      return downStates.has(client.status)
    },
    evaluate: (script, keys, words) => client.call('EVAL', ...evalWords(script, keys, words)),
    listen(channel, heard) {
      // Its own queue is on: what it has to say waits for the connection.
      const listener = client.duplicate({ enableOfflineQueue: true, lazyConnect: false })
      listener.on('error', () => {})
      listener.on('message', (_channel: string, message: string) => heard(message))
      const open = async (): Promise<void> => void (await listener.subscribe(channel))
      return listening(open(), () => listener.disconnect())
    },
  }
}

function listening(opening: Promise<void>, end: () => void): Listening {
  let isClosed = false
  const close = (): void => {
    isClosed = true
    try {
      end()
    } catch {
      // It was not open: there is nothing to close.
    }
  }
  // A client of `redis` that is closed while it connects stands open all the same.
  opening.then(() => isClosed && close(), close)
  return { ready: opening, close }
}
