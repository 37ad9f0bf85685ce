import type { Answer, ProviderIo, TokenSet } from '@authflight/client'
import type { Ask } from '../../src/index.ts'

/** One presentation that waits for the test to answer it. */
export interface Presentation {
  readonly io: ProviderIo
  answer(answer: Answer): void
  /** Answers with tokens. */
  rotate(tokens?: Partial<TokenSet>): void
  crash(error: unknown): void
}

/** The function that an app gives to `refresh`: it notes every presentation and leaves the answer to the test. */
export function createPresenter() {
  const presentations: Presentation[] = []
  const ask: Ask = (io) =>
    new Promise((answer, crash) => {
      presentations.push({ io, answer, rotate: (tokens) => answer(tokensOf(tokens)), crash })
    })
  return {
    ask,
    presentations,
    get count() {
      return presentations.length
    },
    /** The presentation that came last. */
    get last(): Presentation {
      const last = presentations.at(-1)
      if (!last) throw new Error('Nothing was presented.')
      return last
    },
  }
}

export const tokensOf = (tokens: Partial<TokenSet> = {}): Answer & { kind: 'tokens' } => ({
  kind: 'tokens',
  tokens: {
    accessToken: 'access-2',
    tokenType: 'bearer',
    expiresIn: 300,
    refreshToken: 'token 2',
    refreshExpiresIn: null,
    scopes: null,
    user: null,
    ...tokens,
  },
})

export const refused = (error = 'invalid_grant', status = 400): Answer => ({
  kind: 'refused',
  status,
  error,
  retryAfter: null,
})

export const busy = (retryAfter: number | null = null): Answer => ({ kind: 'unreadable', status: 503, retryAfter })
