import { randomHex } from '../telemetry/random.ts'
import { storageError } from './fault.ts'
import type { Store } from './store.ts'
import { decode, ours } from './text-record.ts'
import { type Texts, textStore } from './text-store.ts'

export interface CookieOptions {
  /** Pages that see the session. Default `/`: all of this host. */
  readonly path?: string
  /** Default `lax`. */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** Default: whether this page came over https. */
  readonly secure?: boolean
  /** Seconds after the last write of a session until the browser forgets it. Default: when the browser is closed. */
  readonly maxAge?: number
  /** Where the cookies are. Default: this page's `document`. */
  readonly document?: { cookie: string }
}

/** Browsers take 4,096 bytes of name and value. */
const cookieSize = 3_800
/** Node's servers refuse requests with more than 16 KiB of headers, many others with more than 8. */
const cookiesPerRecord = 4
/** Of what is only remembered, the youngest stay: with a session they take some 6 kB. A sign-in that begins has two places. */
const mostOf: Readonly<Record<string, number>> = { tombstone: 4, attempt: 7 }

/**
 * Sessions in cookies, for pages that have no other place.
 *
 * **Cookies that JavaScript can read are exposed.** They hold the refresh token, are sent to the server with every request
 * under `path`, stand in whatever logs headers, and are read by every script of the page and by every port of the host. A
 * session in cookies belongs in `HttpOnly` ones, which only a server can set.
 *
 * Weaker than IndexedDB: two tabs can present one refresh token at the same time; other ports and the server can change the
 * cookies without a notice; a record above 15 kB is refused with a `storage_error`, as is a cookie that the browser did not keep. Over https
 * and with the default `path` their names begin with `__Host-` (RFC 6265bis 4.1.3.2), so that no other host of the domain can put its own in their place.
 */
export const cookieStore = (
  options: CookieOptions = {},
): Store & { readonly atomic: 'realm'; readonly persistent: true; readonly notifies: false } =>
  textStore({ type: 'cookie', atomic: 'realm', persistent: true, notifies: false }, () => openCookies(options))

/**
 * One record is `<name>=<set>.<count>.<first part>`, and for each further part `<name>|<set>.<n>=<part>`. The first is written last: a
 * set that lacks a part, or was never finished, is absent, and what stood before is still whole.
 */
function openCookies({ path = '/', sameSite = 'lax', secure, maxAge, document: given }: CookieOptions): Texts {
  const page = given ?? globalThis.document
  if (!page) throw storageError('There are no cookies here, only in a page: leave `storage` out.')
  const isSecure = secure ?? globalThis.location?.protocol === 'https:'
  const attributes = `; Path=${path}; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`
  /** Such a name no other host can give a cookie: one of a sibling domain would else take the place of ours. */
  const mine = isSecure && path === '/' ? '__Host-' : ''
  const lasting = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  const nameOf = (key: string): string => mine + encodeText(ours + key)

  /** A name that stands there twice has somebody else's cookie as well, and nothing says which. */
  function readJar(): Map<string, string> {
    const jar = new Map<string, string>()
    const names = new Set<string>()
    for (const pair of page.cookie.split('; ')) {
      const at = pair.indexOf('=')
      const name = pair.slice(0, at)
      if (names.has(name)) jar.delete(name)
      else jar.set(name, pair.slice(at + 1))
      names.add(name)
    }
    return jar
  }

  function keep(name: string, value: string): void {
    page.cookie = `${name}=${value}${attributes}${lasting}`
    if (readJar().get(name) !== value) throw notKept()
  }
  function drop(name: string): void {
    page.cookie = `${name}=${attributes}; Max-Age=0`
    if (readJar().has(name)) throw notKept()
  }
  function dropParts(name: string, except = ''): void {
    for (const other of readJar().keys()) {
      if (other.startsWith(`${name}|`) && !other.startsWith(`${name}|${except}.`)) drop(other)
    }
  }

  function renew(kind: string): void {
    for (const [name, value] of readJar()) if (name.startsWith(nameOf(kind))) keep(name, value)
  }

  /** Where there are too many of the kind of `key`, which has just been written, those that were made first go. */
  function dropOldest(key: string): void {
    const kind = key.slice(0, key.indexOf(':'))
    const most = mostOf[kind]
    if (most === undefined) return
    const madeAt = (other: string): number => {
      const { at, begun } = (decode(texts.read(other)) ?? {}) as { at?: number; begun?: number }
      return at ?? begun ?? 0
    }
    const others = texts.keys().filter((other) => other.startsWith(`${kind}:`) && other !== key)
    const byAge = others.toSorted((a, b) => madeAt(b) - madeAt(a))
    for (const other of byAge.slice(most - 1)) texts.remove(other)
  }

  const texts: Texts = {
    keys: () =>
      [...readJar().keys()]
        .filter((name) => name.startsWith(nameOf('')) && !name.includes('|'))
        .flatMap((name) => decodeText(name.slice(mine.length))?.slice(ours.length) ?? []),

    read(key) {
      const jar = readJar()
      const name = nameOf(key)
      const [, set = '', count, first = ''] = /^(\w+)\.(\d)\.(.*)$/.exec(jar.get(name) ?? '') ?? []
      if (count === undefined) return null
      const rest = Array.from({ length: Number(count) - 1 }, (_, at) => jar.get(`${name}|${set}.${at + 1}`))
      return rest.includes(undefined) ? null : decodeText(first + rest.join(''))
    },

    write(key, text) {
      const name = nameOf(key)
      const value = encodeText(text)
      const room = cookieSize - name.length
      const count = Math.ceil(value.length / room)
      if (room <= 0 || count > cookiesPerRecord) throw tooLarge(value.length)
      const [first = '', ...rest] = Array.from({ length: count }, (_, at) => value.slice(at * room, (at + 1) * room))
      const set = randomHex(Math.random, 8)
      for (const [at, part] of rest.entries()) keep(`${name}|${set}.${at + 1}`, part)
      keep(name, `${set}.${count}.${first}`)
      dropParts(name, set)
      dropOldest(key)
      // Who is shown is written once, and must last as long as the session that is renewed.
      if (lasting) renew('shown:')
    },

    remove(key) {
      const name = nameOf(key)
      drop(name)
      dropParts(name)
    },
  }
  return texts
}

/** A space is a plus, as in forms: a claim holds room for a session with many of them. */
const encodeText = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')

/** null: somebody else wrote this. */
function decodeText(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'))
  } catch {
    return null
  }
}

const notKept = () =>
  storageError(
    'The browser did not keep a cookie as it was written. Allow cookies for this page, check `path`, `secure` and `sameSite`, or leave `storage` out for IndexedDB.',
  )

const tooLarge = (bytes: number) =>
  storageError(
    `This session takes ${Math.ceil(bytes / 1_000)} kB, and cookies hold ${(cookieSize * cookiesPerRecord) / 1_000} kB at most. Leave \`storage\` out for IndexedDB, or ask the provider for smaller tokens.`,
  )
