import { findLeaks, type Secret } from '../leaks.ts'
import type { Authority } from './authority.ts'
import { canary, hasSecret } from './leaks.ts'

/** What is secret in a world, and what its clients have said: the one must not stand in the other, in no disguise. */
export interface Secrets {
  /** Notes a secret that is none of the server's as it comes into being, and gives it back. */
  keep(kind: string, value: string): string
  /** Notes what somebody was told, an error, a broadcast or a name. Gives whether a secret stands in it as it is. */
  isLeak(told: unknown): boolean
  /** All that somebody was told. */
  readonly said: readonly unknown[]
  /** Which secrets stand in a text, whole or by their first eight characters, by printable ids and with their disguise. */
  leaksIn(text: string): Promise<string[]>
}

export function createSecrets({ model, users }: Authority): Secrets {
  const kept: Secret[] = []
  const said: unknown[] = []

  function* all(): Generator<Secret> {
    // With this begins what a server or a store says in words.
    yield { id: 'a text', value: canary }
    yield* kept
    yield* model.refreshTokens.values()
    yield* model.accessTokens.values()
    yield* model.codes.values()
    for (const { login, sub, email = '' } of users) {
      yield { id: `${login}.sub`, value: sub }
      // Who is anonymous has none.
      if (email !== '') yield { id: `${login}.email`, value: email }
    }
  }

  return {
    keep(kind, value) {
      kept.push({ id: `${kind}-${kept.length + 1}`, value })
      return value
    },
    isLeak(told) {
      said.push(told)
      return hasSecret(told)
    },
    said,
    leaksIn(text) {
      const secrets = [...all()]
      const beginnings = new Map(secrets.map(({ id, value }) => [value.slice(0, 8), `${id}, its beginning`]))
      return findLeaks(text, [...secrets, ...[...beginnings].map(([value, id]) => ({ id, value }))])
    },
  }
}
