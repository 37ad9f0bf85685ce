import type { Place } from './engine.ts'

/** What belongs to one token, for whoever has the token. */
export interface Locker {
  readonly place: Place
  /** Display id of the session, for spans and records: 12 hex digits from which nothing can be told. */
  readonly display: string
  seal(text: string): Promise<Uint8Array>
  /** Null for what does not open: sealed under another token, pepper, issuer, client or version, or damaged. */
  open(sealed: Uint8Array): Promise<string | null>
}

/** Names and keys, from tokens and sessions. */
export interface Keyring {
  /** `session` null: the token stands for a session of its own. */
  lockerOf(token: string, session: string | null): Promise<Locker>
  sessionOf(session: string): Promise<{ readonly name: string; readonly display: string }>
}

const version = 1
const nonceBytes = 12

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/**
 * Derives with HKDF-SHA-256 (RFC 5869): the secret is the token or the session id, the pepper is the salt, and the purpose with issuer
 * and client is the info. Seals with AES-256-GCM under a random nonce of 96 bits; version, the pepper's id, issuer and client are
 * authenticated with it. A store that holds the names and values, but not the pepper, cannot be searched for a token, not even
 * for one as short as those of GoTrue v1.
 */
export function createKeyring(of: {
  readonly pepper: Uint8Array
  readonly issuer: string
  readonly clientId: string
}): Keyring {
  const salt = Uint8Array.from(of.pepper)
  const info = (purpose: string): Uint8Array<ArrayBuffer> =>
    utf8(JSON.stringify(['authflight', version, purpose, of.issuer, of.clientId]))
  const material = (secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
    crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits', 'deriveKey'])
  const hkdf = (purpose: string, by: Uint8Array<ArrayBuffer> = salt) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: by,
    info: info(purpose),
  })
  const derive = async (key: CryptoKey, purpose: string, bytes: number): Promise<string> =>
    toHex(new Uint8Array(await crypto.subtle.deriveBits(hkdf(purpose), key, bytes * 8)))

  /** Names the pepper, so that a change of it can be told from damage. Made when it is first needed. */
  let peppersName: Promise<string> | undefined
  async function namePepper(): Promise<string> {
    try {
      const key = await material(salt)
      return toHex(new Uint8Array(await crypto.subtle.deriveBits(hkdf('pepper', new Uint8Array()), key, 32)))
    } catch (error) {
      // One fault must not be the fault of all that come after it.
      peppersName = undefined
      throw error
    }
  }
  const associated = async (): Promise<Uint8Array<ArrayBuffer>> =>
    utf8(JSON.stringify(['authflight', version, await (peppersName ??= namePepper()), of.issuer, of.clientId]))

  async function sessionOf(session: string): Promise<{ readonly name: string; readonly display: string }> {
    const key = await material(utf8(session))
    const [name, display] = await Promise.all([derive(key, 'session', 32), derive(key, 'display', 6)])
    return { name, display }
  }

  return {
    sessionOf,
    async lockerOf(token, session) {
      const secret = await material(utf8(token))
      const [name, key, { name: ofSession, display }, additionalData] = await Promise.all([
        derive(secret, 'token', 32),
        crypto.subtle.deriveKey(hkdf('seal'), secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
        sessionOf(session ?? token),
        associated(),
      ])
      return {
        place: { session: ofSession, token: name },
        display,
        async seal(text) {
          const iv = crypto.getRandomValues(new Uint8Array(nonceBytes))
          const closed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, utf8(text))
          const sealed = new Uint8Array(1 + nonceBytes + closed.byteLength)
          sealed[0] = version
          sealed.set(iv, 1)
          sealed.set(new Uint8Array(closed), 1 + nonceBytes)
          return sealed
        },
        async open(sealed) {
          if (sealed[0] !== version) return null
          const iv = sealed.slice(1, 1 + nonceBytes)
          const closed = sealed.slice(1 + nonceBytes)
          try {
            const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, closed)
            return new TextDecoder().decode(opened)
          } catch {
            return null
          }
        },
      }
    },
  }
}

const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
