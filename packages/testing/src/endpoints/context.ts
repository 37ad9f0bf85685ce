import type { Answer } from '../answer.ts'
import type { Model } from '../model/authorization-server.ts'
import type { TestUser } from '../model/session.ts'
import type { OpenEntry } from '../request-log.ts'
import type { Signer } from '../signing.ts'

/** What every endpoint works with. */
export interface ServerContext {
  readonly model: Model
  readonly signer: Signer
  readonly users: readonly TestUser[]
  readonly clientIds: readonly string[]
  readonly accessTokenFormat: 'opaque' | 'jwt'
}

/** One request, read. */
export interface Exchange {
  readonly url: URL
  /** The issuer as this request addressed it: the server answers under any origin. */
  readonly issuer: string
  /** The body's parameters, or the query's where there is no body. */
  readonly form: URLSearchParams
  /** Value of the presented access token; of a signed one, its `jti`. */
  readonly bearer: string | null
  readonly entry: OpenEntry
}

export type EndpointHandler = (context: ServerContext, exchange: Exchange) => Promise<Answer> | Answer
