import type { Secret } from '../leaks.ts'
import type { UserRecord } from './users.ts'

export type MessageKind =
  | 'signup'
  | 'magiclink'
  | 'recovery'
  | 'email_change'
  | 'sms'
  | 'phone_change'
  | 'reauthentication'

/** A message that the server has sent. */
export interface Message {
  readonly kind: MessageKind
  /** The login of its user. */
  readonly user: string
  /** The e-mail address or phone number that it went to. */
  readonly to: string
  /** What `verifyOtp` takes as `token`: ten digits. */
  readonly code: string
  /** What `verifyOtp` takes as `token_hash`; null of a message to a phone. */
  readonly tokenHash: string | null
  /** Where a click leads; null of a message to a phone, or one with a code only. */
  readonly link: string | null
}

/** A message, and what its code is good for. */
export interface Letter extends Message {
  readonly record: UserRecord
  /** S256 challenge of whoever asked for it; null: without PKCE. */
  readonly challenge: string | null
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** A code is good once, and no longer when another one of its kind was sent. */
  spent: boolean
}

/** What a code may be given for: a link to sign in and one to reset a password are of one kind at the server. */
const slots: Readonly<Record<string, readonly MessageKind[]>> = {
  email: ['signup', 'magiclink', 'recovery'],
  signup: ['signup'],
  invite: ['signup'],
  magiclink: ['magiclink', 'recovery'],
  recovery: ['magiclink', 'recovery'],
  email_change: ['email_change'],
  sms: ['sms'],
  phone_change: ['phone_change'],
  reauthentication: ['reauthentication'],
}

interface Post {
  readonly kind: MessageKind
  readonly record: UserRecord
  readonly to: string
  readonly redirectTo: string | null
  readonly challenge: string | null
}

export type Mailbox = ReturnType<typeof createMailbox>

/** How the secrets of messages are made. */
export interface MessageSecrets {
  readonly newLink: () => string
  readonly newCode: () => string
}

/** `issuer`: the address of the server. Codes are good for an hour. */
export function createMailbox(issuer: string, now: () => number, { newLink, newCode }: MessageSecrets) {
  const letters: Letter[] = []

  function send({ kind, record, to, redirectTo, challenge }: Post): void {
    const sameKind = slots[kind] ?? [kind]
    for (const letter of letters) {
      if (letter.record === record && letter.to === to && sameKind.includes(letter.kind)) letter.spent = true
    }
    const isMail = to.includes('@')
    const tokenHash = isMail ? `${challenge === null ? '' : 'pkce_'}${newLink()}` : null
    const query = { token: tokenHash ?? '', type: kind, ...(redirectTo !== null && { redirect_to: redirectTo }) }
    letters.push({
      kind,
      record,
      user: record.login,
      to,
      code: newCode(),
      tokenHash,
      link: isMail && kind !== 'reauthentication' ? `${issuer}/verify?${new URLSearchParams(query).toString()}` : null,
      challenge,
      expiresAt: now() + 3_600_000,
      spent: false,
    })
  }

  /** The letter whose code that is, spent now; null where it is none, or not good any more. */
  function open(type: string, fits: (letter: Letter) => boolean): Letter | null {
    const kinds = slots[type] ?? []
    const letter = letters.find((one) => kinds.includes(one.kind) && !one.spent && one.expiresAt > now() && fits(one))
    if (!letter) return null
    letter.spent = true
    return letter
  }

  return {
    letters: letters as readonly Letter[],
    send,
    open,
    *secrets(): Generator<Secret> {
      for (const [index, { code, tokenHash }] of letters.entries()) {
        yield { id: `message-${index + 1}.code`, value: code }
        if (tokenHash !== null) yield { id: `message-${index + 1}.link`, value: tokenHash }
      }
    },
  }
}

/** Ten digits, as long as a project can make them, so that none stands in a text by chance. */
export const tenDigits = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => String(byte % 10)).join('')
