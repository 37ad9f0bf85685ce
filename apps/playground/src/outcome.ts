import type { Session } from '@authflight/client'
import { count, duration } from './time-words.ts'

/** What came of an act, in words and figures. */
export interface Outcome {
  readonly tone: 'good' | 'bad' | 'neutral'
  readonly text: string
  readonly figures?: readonly Figure[]
  readonly error?: ErrorWords
}

export interface Figure {
  readonly label: string
  readonly value: string
  readonly tone?: 'good' | 'bad'
}

export interface ErrorWords {
  /** The class, as a developer meets it: `AuthRefreshDiscardedError`. */
  readonly name: string
  readonly code: string | null
  readonly message: string
}

/** How the answers to a number of calls were spread. */
export interface Calls {
  readonly statuses: ReadonlyMap<number, number>
  /** Calls that got no answer at all, by the error they got instead. */
  readonly failures: readonly unknown[]
  readonly ms: number
  readonly tokenRequests: number
}

export function callsOutcome({ statuses, failures, ms, tokenRequests }: Calls): Outcome {
  const total = failures.length + [...statuses.values()].reduce((sum, n) => sum + n, 0)
  const others = [...statuses].filter(([status]) => status !== 200 && status !== 401)
  const answers: (readonly [status: number, n: number])[] = [
    [200, statuses.get(200) ?? 0],
    [401, statuses.get(401) ?? 0],
    ...others,
  ]
  const bad = failures.length > 0 || answers.some(([status, n]) => status !== 200 && n > 0)
  return {
    tone: bad ? 'bad' : 'good',
    text:
      `${count(total, 'call')} in ${duration(ms)}: ${answers.map(([status, n]) => `${n.toLocaleString('en')} × ${status}`).join(', ')}, ` +
      `${count(failures.length, 'failure')}. The server saw ${count(tokenRequests, 'token request')} meanwhile.`,
    figures: [
      ...answers.map(([status, n]): Figure => ({
        label: `× ${status}`,
        value: n.toLocaleString('en'),
        ...(n > 0 && { tone: status === 200 ? 'good' : 'bad' }),
      })),
      { label: 'failed', value: failures.length.toLocaleString('en'), ...(failures.length > 0 && { tone: 'bad' }) },
      { label: tokenRequests === 1 ? 'token request' : 'token requests', value: tokenRequests.toLocaleString('en') },
    ],
    ...(failures.length > 0 && { error: describeError(failures[0]) }),
  }
}

export interface Refresh {
  readonly before: Session | null
  readonly after: Session | null
  readonly error: unknown
  readonly ms: number
}

export function refreshOutcome({ before, after, error, ms }: Refresh): Outcome {
  if (error) {
    const held = after ? 'You are still signed in.' : 'Nobody is signed in.'
    return errorOutcome(error, `The refresh gave no new token. ${held}`)
  }
  if (!after) return { tone: 'neutral', text: 'Nobody is signed in, so there was nothing to refresh.' }
  const from =
    before?.sessionId === after.sessionId ? `Generation ${before.revision} → ${after.revision}` : 'A new session'
  return { tone: 'good', text: `${from} in ${duration(ms)}.` }
}

/** `text` says what the error means here; its name, code and message follow below it. */
export function errorOutcome(error: unknown, text = 'It failed.'): Outcome {
  const expected = typeof error === 'object' && error !== null && 'expected' in error && error.expected === true
  return { tone: expected ? 'neutral' : 'bad', text, error: describeError(error) }
}

export function describeError(error: unknown): ErrorWords {
  if (!(error instanceof Error)) return { name: 'Error', code: null, message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  return { name: error.name, code, message: error.message }
}
