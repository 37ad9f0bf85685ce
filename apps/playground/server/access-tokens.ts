/** Seconds an access token lives unless somebody changes it. */
export const defaultTtl = 30
export const shortestTtl = 5
export const longestTtl = 3600

/**
 * How long access tokens live, and which of them count. Each one carries the number of its generation; to expire
 * all tokens issued so far, a new generation begins. A time would not do: `iat` has whole seconds, so a token
 * refreshed within the second would be refused as well.
 */
export class AccessTokens {
  /** Seconds that tokens issued from now on live. */
  ttl = defaultTtl
  #generation = 1
  #expiries: number[] = []

  get generation(): number {
    return this.#generation
  }

  noteIssued() {
    this.#expiries = [...this.#alive(), Date.now() + this.ttl * 1000]
  }

  /** The API refuses every token issued before now. @returns how many of them were alive */
  expireAll(): number {
    const { length } = this.#alive()
    this.#expiries = []
    this.#generation++
    return length
  }

  #alive(): number[] {
    const now = Date.now()
    return this.#expiries.filter((expiry) => expiry > now)
  }
}
