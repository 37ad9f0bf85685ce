export interface LogEntry {
  /** Counts from 1 since the start, also across a `clear`. */
  readonly seq: number
  /** When the request arrived, epoch milliseconds. */
  readonly at: number
  readonly endpoint: Endpoint
  readonly grant?: string
  /** The server's answer, also where the fault kept it from the caller. */
  readonly status: number
  readonly fault?: string
  /** The OAuth error code of the answer. */
  readonly error?: string
}

export type Endpoint = 'authorization' | 'login' | 'token' | 'revocation' | 'userinfo' | 'end_session'

const capacity = 1000

/**
 * What the authorization server was asked. No entry holds a token, a subject or any other text of a request: the
 * grant is one of the known names. An entry is added when the server has decided, even while the answer is held back.
 */
export class RequestLog {
  #entries: LogEntry[] = []
  #seq = 0
  #refreshRequests = 0
  readonly #readers = new Set<(entry: LogEntry | 'cleared') => void>()

  /** The last 1,000, oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#entries
  }

  /** How many requests with a refresh token reached the token endpoint since the start or the last `clear`. */
  get refreshRequests(): number {
    return this.#refreshRequests
  }

  add(entry: Omit<LogEntry, 'seq'>) {
    const numbered: LogEntry = { seq: ++this.#seq, ...entry }
    if (entry.grant === 'refresh_token') this.#refreshRequests++
    this.#entries = [...this.#entries, numbered].slice(-capacity)
    this.#tell(numbered)
  }

  clear() {
    this.#entries = []
    this.#refreshRequests = 0
    this.#tell('cleared')
  }

  /** @returns the function that ends it */
  subscribe(reader: (entry: LogEntry | 'cleared') => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  #tell(news: LogEntry | 'cleared') {
    for (const reader of this.#readers) reader(news)
  }
}
