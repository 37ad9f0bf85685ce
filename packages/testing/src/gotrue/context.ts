import type { Answer } from '../answer.ts'
import type { Model } from '../model/authorization-server.ts'
import type { OpenEntry } from '../request-log.ts'
import type { Place } from '../routes.ts'
import type { Signer } from '../signing.ts'
import type { Mailbox } from './mailbox.ts'
import type { Users } from './users.ts'

/** How a project is set up. */
export interface Settings {
  readonly issuer: string
  readonly siteUrl: string
  readonly redirectUrls: readonly string[] | null
  readonly tokens: 'v1' | 'v2'
  readonly autoconfirm: boolean
  readonly secureEmailChange: boolean
  readonly reauthentication: boolean
  readonly errors: 'current' | 'legacy'
  readonly accessTokenFormat: 'opaque' | 'jwt'
}

/** What every endpoint works with. */
export interface GoTrueContext {
  readonly settings: Settings
  readonly model: Model
  readonly signer: Signer
  readonly users: Users
  readonly mailbox: Mailbox
}

/** One request, read. */
export interface GoTrueExchange {
  readonly url: URL
  readonly body: Readonly<Record<string, unknown>>
  /** Value of the presented access token; of a signed one, its `jti`. */
  readonly bearer: string | null
  /** It asks for the error bodies of 2024-01-01. */
  readonly isDated: boolean
  readonly entry: OpenEntry
}

export interface GoTrueRoute extends Place {
  readonly answer: (context: GoTrueContext, exchange: GoTrueExchange) => Promise<Answer> | Answer
}

/** A text of the body; empty where it has none. */
export const textOf = ({ body }: GoTrueExchange, name: string): string => {
  const value = body[name]
  return typeof value === 'string' ? value : ''
}
