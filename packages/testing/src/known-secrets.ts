import type { Secret } from './leaks.ts'
import type { Model } from './model/authorization-server.ts'
import type { TestUser } from './model/session.ts'
import type { Signer } from './signing.ts'

/** All that a server knows and nobody may print: tokens, codes, subjects, e-mail addresses. */
export function* listSecrets(model: Model, signer: Signer, users: readonly TestUser[]): Generator<Secret> {
  yield* model.refreshTokens.values()
  yield* model.accessTokens.values()
  yield* model.codes.values()
  for (const [value, { id }] of signer.accessTokens) yield { id: `${id} (signed)`, value }
  for (const [value, { session }] of signer.idTokens) yield { id: `ID token of ${session.id}`, value }
  for (const { login, sub, email } of users) {
    yield { id: `${login}.sub`, value: sub }
    // A user may be without one, and nothing stands in every text.
    if (email !== '') yield { id: `${login}.email`, value: email }
  }
}
