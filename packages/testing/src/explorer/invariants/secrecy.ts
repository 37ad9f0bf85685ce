import { hasSecret } from '../leaks.ts'
import { type Invariant } from './invariant.ts'

export const noSecrets: Invariant = {
  promise: 12,
  name: 'no token, code, subject, e-mail, session id or digest is in a record, a broadcast, a lock name or an error',
  *broken({ facts, records }) {
    for (const fact of facts) {
      if (fact.kind === 'posted' && fact.leaked) yield `tab ${fact.tab} has broadcast a secret (${fact.message})`
      if (fact.kind === 'locked' && fact.leaked) yield `tab ${fact.tab} has named a lock by a secret`
      if (fact.kind === 'settled' && fact.leaked)
        yield `${fact.call.operation} of ${fact.call.client} gave an error with a secret in it`
    }
    for (const { tab, record } of records)
      if (hasSecret(record)) yield `tab ${tab} has recorded a secret in ${record.name}`
  },
}
