import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly model: string
  readonly payload: AdapterPayload
  readonly expiresAt: number
}

const capacity = 20_000

/**
 * What the authorization server remembers, in memory: log-in sessions, grants, codes and refresh tokens. Rotated
 * refresh tokens stay until they expire, because the server knows a reuse only by them. Beyond 20,000 entries the
 * oldest go.
 */
export class TokenStore {
  readonly #entries = new Map<string, Entry>()

  /** The view that oidc-provider asks for: one adapter per kind of thing. */
  readonly adapterFor = (model: string): Adapter => ({
    upsert: async (id, payload, expiresIn) => this.#put(model, id, payload, expiresIn),
    find: async (id) => this.#get(`${model}:${id}`)?.payload,
    findByUid: async (uid) => this.#list(model).find((payload) => payload.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const entry = this.#get(`${model}:${id}`)
      if (entry) entry.payload.consumed = nowInSeconds()
    },
    destroy: async (id) => void this.#entries.delete(`${model}:${id}`),
    revokeByGrantId: async (grantId) => this.#deleteTokensOf(model, grantId),
  })

  /** Revokes every grant: its refresh tokens are unknown from now on. @returns how many sign-ins that ended */
  revokeGrants(): number {
    const grants = new Set(this.#liveRefreshTokens().map((token) => token.grantId))
    for (const [key, { model, payload }] of this.#entries) {
      if (model === 'Grant' || payload.grantId !== undefined) this.#entries.delete(key)
    }
    return grants.size
  }

  /** Lets every refresh token that could still be used expire now. @returns how many */
  expireRefreshTokens(): number {
    const tokens = this.#liveRefreshTokens()
    for (const token of tokens) token.exp = nowInSeconds() - 1
    return tokens.length
  }

  #liveRefreshTokens(): AdapterPayload[] {
    return this.#list('RefreshToken').filter((token) => !token.consumed && (token.exp ?? 0) > nowInSeconds())
  }

  #put(model: string, id: string, payload: AdapterPayload, expiresIn: number) {
    const key = `${model}:${id}`
    this.#entries.delete(key)
    this.#entries.set(key, { model, payload, expiresAt: Date.now() + expiresIn * 1000 })
    if (this.#entries.size > capacity) this.#makeRoom()
  }

  #get(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry && entry.expiresAt > Date.now()) return entry
    this.#entries.delete(key)
    return undefined
  }

  #list(model: string): AdapterPayload[] {
    const now = Date.now()
    return [...this.#entries.values()]
      .filter((entry) => entry.model === model && entry.expiresAt > now)
      .map((entry) => entry.payload)
  }

  #deleteTokensOf(model: string, grantId: string) {
    for (const [key, entry] of this.#entries) {
      if (entry.model === model && entry.payload.grantId === grantId) this.#entries.delete(key)
    }
  }

  #makeRoom() {
    const now = Date.now()
    for (const [key, { expiresAt }] of this.#entries) if (expiresAt <= now) this.#entries.delete(key)
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= capacity) return
      this.#entries.delete(key)
    }
  }
}

function nowInSeconds() {
  return Math.floor(Date.now() / 1000)
}
