import { AuthClientDisposedError, AuthError } from './base/errors.ts'
import { isA } from './base/is-a.ts'
import type { Realm } from './realm/realm.ts'
import { isStream, requestOf } from './base/request.ts'
import type { Session } from './base/session.ts'

export interface FetchParts {
  readonly realm: Pick<Realm, 'fetch' | 'page'>
  /** Origins that may see a token, as `URL.origin` writes them; null: this page's own, if it has one. */
  readonly origins: readonly string[] | null
  readonly isDisposed: () => boolean
  /** A session to ask with; null when nobody is signed in. */
  readonly current: (signal: AbortSignal | undefined) => Promise<Session | null>
  /** A fetch that proves the key of a session whose tokens are bound to one, for whole addresses; undefined where the provider cannot. */
  readonly prove: (session: Session) => typeof fetch | undefined
  /** A newer revision of the same session, after a server has refused this one; null where there is none, or this one is just minted. */
  readonly renewed: (refused: Session, signal: AbortSignal | undefined) => Promise<Session | null>
}

/** What a challenge asks for that no newer token of the same session has (RFC 6750, section 3.1; RFC 9470, section 3). */
const wantsMore = /error="?insufficient_(scope|user_authentication)/

/**
 * `fetch` with the session's token for allowed origins. After a 401 it asks once more with a newer revision of the same
 * session, if there is one and the body can be sent again. A request that carries its own `Authorization` is left alone.
 */
export function createAuthFetch({ realm, origins, isDisposed, current, prove, renewed }: FetchParts): typeof fetch {
  // Addresses that have no origin all say 'null', those of strangers too.
  const allowed = ({ origin }: URL): boolean =>
    origin !== 'null' && (origins ?? [realm.page.href && new URL(realm.page.href).origin]).includes(origin)

  return async (given, options) => {
    if (isDisposed()) throw new AuthClientDisposedError()
    // A Request for options has what it says in no members of its own.
    const [input, init] = isA('Request', options) ? [new Request(given, options)] : [given, options]
    const request = requestOf(input)
    const url = new URL(request?.url ?? (input as string | URL), realm.page.base ?? undefined)
    const headers = new Headers(init?.headers ?? request?.headers)
    if (!allowed(url) || headers.has('authorization')) return realm.fetch(input, init)

    // Read at the call, as `fetch` does: its caller may use its objects again while this waits.
    const told = init ? membersOf(init) : referrerOf(request)
    const asked: RequestInit = { ...told, headers, body: copyOf(init?.body) }
    const signal = asked.signal ?? request?.signal
    const session = await current(signal).catch((error: unknown) => {
      // A caller of `fetch` that has left expects the error of `fetch`.
      if (signal?.aborted) signal.throwIfAborted()
      throw error
    })
    if (!session) return realm.fetch(request ?? url, init && asked)
    // A stream can be read once. A Request's body is one too, unless a copy is kept for the second try.
    const replayable = !isStream(asked.body)
    const spare = replayable && request && !asked.body ? request.clone() : null

    const send = (again: typeof input, by: Session): Promise<Response> => {
      const through = by.tokenType === 'bearer' ? realm.fetch : (prove(by) ?? refuse())
      headers.set('authorization', `Bearer ${by.accessToken}`)
      // What is asked is what was compared with the allowed origins.
      return through(request ? again : url, asked)
    }
    const first = await send(input, session)
    // Who is asked after a redirect to another origin never saw the token.
    const isRefusal = first.status === 401 && (!first.redirected || new URL(first.url).origin === url.origin)
    if (!isRefusal || !replayable || wantsMore.test(first.headers.get('www-authenticate') ?? '')) return first
    const newer = await renewed(session, signal)
    if (signal?.aborted) signal.throwIfAborted()
    if (!newer) return first
    void first.body?.cancel().catch(() => {})
    return send(spare ?? input, newer)
  }
}

/** All that `fetch` reads of it, also by its prototype. */
function membersOf(init: RequestInit): RequestInit {
  const members: Record<string, unknown> = {}
  for (let at: object | null = init; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) members[name] ??= init[name as keyof RequestInit]
  }
  return members
}

/** A Request that is sent with options keeps everything but what pages are told of where it comes from. */
const referrerOf = (request: Request | null): RequestInit | null =>
  request && { referrer: request.referrer, referrerPolicy: request.referrerPolicy }

/** What can be changed afterwards is copied. A text and a Blob cannot be, and a stream is read as it comes. */
function copyOf(body: BodyInit | null | undefined): BodyInit | null {
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
  if (isA('ArrayBuffer', body)) return (body as ArrayBuffer).slice(0)
  if (isA('URLSearchParams', body)) return new URLSearchParams(body as URLSearchParams)
  if (!isA('FormData', body)) return body ?? null
  const copy = new FormData()
  for (const [name, value] of body as FormData) copy.append(name, value)
  return copy
}

function refuse(): never {
  throw new AuthError('unsupported', 'A token that is bound to a key needs dpop() from @authflight/client/oauth/dpop.')
}

/**
 * @throws {AuthError} `invalid_option`, naming what is not an origin. What stands for more, or for less, than it says must not decide who
 * sees a token.
 */
export const checkOrigins = (origins: readonly string[]): readonly string[] =>
  Array.isArray(origins) ? origins.map(checkOrigin) : refuseOrigin(origins)

function checkOrigin(entry: string): string {
  const { href, origin } = URL.canParse(entry) ? new URL(entry) : refuseOrigin(entry)
  return href === `${origin}/` && !origin.includes('*') ? origin : refuseOrigin(entry)
}

function refuseOrigin(entry: unknown): never {
  // Whatever stands before an @ may be a password.
  const shown = String(entry).replace(/[^]*@/, '')
  throw new AuthError(
    'invalid_option',
    `\`fetchOrigins\` takes a list of whole origins, without path or *, as ['https://api.example.com']. This is none: '${shown}'.`,
  )
}
