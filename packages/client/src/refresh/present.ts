import { context as contexts } from '@opentelemetry/api'
import { judge, threwBefore, type Verdict } from '../providers/answers.ts'
import { type Settled, settleWithin } from '../realm/clock.ts'
import { isAuthError } from '../base/errors.ts'
import { type Minted, mint } from '../slot/minted.ts'
import { isNeverSent } from './never-sent.ts'
import type { Answer, PlainIo, Provider, ProviderIo } from '../providers/provider.ts'
import type { Realm } from '../realm/realm.ts'
import { type Attributes, nameOAuthError } from '../telemetry/attributes.ts'
import { guarded } from '../base/guarded.ts'
import type { Operation, Telemetry } from '../telemetry/operation.ts'

export interface Presentation {
  readonly realm: Pick<Realm, 'clock' | 'fetch' | 'digest' | 'page'>
  readonly telemetry: Telemetry
  readonly provider: Pick<Provider, 'terminal' | 'authority' | 'clientId' | 'audience'>
  /** The operation that the HTTP attempts belong to. */
  readonly parent: Operation
  /** The hard limit, milliseconds: after it the request is aborted and its answer counts as lost. */
  readonly limit: number
  /** Asked right before the credential leaves: is the right to present it still ours? */
  readonly confirm: () => Promise<boolean>
}

/** What came of it, and how many requests carried the credential. */
export interface Presented {
  readonly verdict: Verdict<Minted>
  readonly attempts: number
  /** The right to present was gone before anything was sent. */
  readonly superseded: boolean
}

/** Lets a provider present a one-time credential, once, bounded and recorded. Never rejects. */
export async function present(using: Presentation, ask: (io: ProviderIo) => Promise<Answer>): Promise<Presented> {
  const { realm, telemetry, limit } = using
  const { clock } = realm
  const fetchQuietly = quietFetch(realm)
  const abort = new AbortController()
  const deadline = clock.monotonic() + limit
  /** The provider has asked nobody for anything yet. */
  let isIdle = true
  let attempts = 0
  let superseded = false
  let isOffline = false
  /** A request is on its way, or was answered by something that the provider could not read. */
  let isOut = false
  let storeFault: { readonly error: unknown } | null = null
  let attempt: Operation | null = null

  const closeAttempt = (more?: Attributes, failed?: 'failed'): void => {
    attempt?.end(more, failed)
    attempt = null
  }
  const io: ProviderIo = {
    signal: abort.signal,
    now: clock.now,
    fetch(...request) {
      isIdle = false
      return fetchQuietly(...request)
    },
    present: async (input, init) => {
      isIdle = false
      // Who asks once more was told that nothing was spent: a nonce was missing.
      isOut = false
      const isOurs = await using.confirm().catch((error: unknown) => {
        storeFault = { error }
        throw error
      })
      superseded = !isOurs
      isOffline = realm.page.isOffline
      // What was confirmed after the limit is not sent: others may present it since. A page that was frozen hears of that before its timers run.
      if (superseded || isOffline || abort.signal.aborted || clock.monotonic() >= deadline) throw new Error('Not sent.')
      closeAttempt({ 'error.type': '_OTHER' }, 'failed')
      attempt = telemetry.open('authflight.token_request', {
        parent: using.parent,
        kind: 'client',
        attributes: describe(input, attempts),
      })
      attempts += 1
      isOut = true
      // Opened synchronously under the attempt, so that an instrumented fetch hangs its own span below it.
      const under = attempt.context
      // A context manager that throws, before or after it has run this, must not make the credential leave twice.
      let sent: Promise<Response> | null = null
      const send = (): Promise<Response> => (sent ??= fetchQuietly(input, { ...init, redirect: 'manual' }))
      void guarded(() => contexts.with(under, send))
      const response = await send().catch((error: unknown) => {
        isOut = !isNeverSent(error)
        throw error
      })
      attempt?.set({ 'http.response.status_code': response.status })
      return response
    },
  }

  async function judged(told: Answer): Promise<Verdict<Minted>> {
    const verdict = judge(told, using.provider)
    return verdict.kind === 'rotated'
      ? { ...verdict, tokens: await mint(realm, using.provider, verdict.tokens) }
      : verdict
  }

  let answer: Answer
  let verdict: Verdict<Minted>
  try {
    const settled = await settleWithin(ask(io), clock, limit)
    if (settled.by !== 'value') abort.abort()
    answer = settled.by === 'value' ? settled.value : { kind: 'silent', cause: isOut ? 'timeout' : 'unsent' }
    verdict = await judged(answer)
  } catch (error) {
    // Also what a provider of the app's own brings that is no answer: its token may be spent.
    const unsent = isOffline ? 'offline' : 'unsent'
    const told = isIdle && !isAuthError(error) ? threwBefore('The provider', error) : error
    answer = { kind: 'silent', cause: isOut ? 'network' : unsent, error: told }
    verdict = await judged(answer)
  }
  // Read by hand: the compiler does not see that `present` above writes it.
  const failed = storeFault as { readonly error: unknown } | null
  if (failed) {
    closeAttempt({ 'error.type': 'storage_error' }, 'failed')
    throw failed.error
  }
  const code = answer.kind === 'refused' ? { 'authflight.oauth.error': nameOAuthError(answer.error) } : {}
  if (verdict.kind === 'rotated') closeAttempt()
  else closeAttempt({ ...code, 'error.type': verdict.errorType }, 'failed')
  return { verdict, attempts, superseded }
}

/** No cookies, no cache: what carries a token depends on nothing but the token. */
const quietFetch =
  (realm: Pick<Realm, 'fetch'>): typeof fetch =>
  async (input, init) =>
    realm.fetch(input, { ...init, credentials: 'omit', cache: 'no-store' })

function describe(input: RequestInfo | URL, resent: number): Attributes {
  const url = new URL(input instanceof Request ? input.url : input)
  return {
    'http.request.method': 'POST',
    'server.address': url.hostname,
    ...(url.port === '' ? {} : { 'server.port': Number(url.port) }),
    ...(resent > 0 ? { 'http.request.resend_count': resent } : {}),
  }
}

/** Lets a provider ask something with no one-time credential, within the hard limit; then it is aborted. Rejects as the provider does. */
export async function askWithin<A>(
  realm: Pick<Realm, 'clock' | 'fetch'>,
  limit: number,
  ask: (io: PlainIo) => Promise<A>,
): Promise<Settled<A>> {
  const abort = new AbortController()
  const io = { fetch: quietFetch(realm), signal: abort.signal, now: realm.clock.now }
  const settled = await settleWithin(ask(io), realm.clock, limit)
  if (settled.by !== 'value') abort.abort()
  return settled
}
