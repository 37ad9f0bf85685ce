import type { AuthClient } from '@authflight/client'
import { observe } from './control.ts'
import { callsOutcome, type Outcome } from './outcome.ts'
import { count, duration } from './time-words.ts'

type Fetch = AuthClient['fetch']

/** Asks the API who is calling, once. */
export async function callOnce(fetch: Fetch): Promise<Outcome> {
  const { result, ms, tokenRequests } = await observe(() => fetch('/api/me').catch((error: unknown) => error))
  if (!(result instanceof Response)) return callsOutcome({ statuses: new Map(), failures: [result], ms, tokenRequests })
  const outcome = callsOutcome({ statuses: new Map([[result.status, 1]]), failures: [], ms, tokenRequests })
  if (!result.ok) return outcome
  const me = (await result.json()) as { name: string; expiresIn: number }
  return {
    ...outcome,
    text: `200 in ${duration(ms)}: the API knows you as ${me.name}, by a token with ${count(Math.round(me.expiresIn), 'second')} left. ${
      tokenRequests === 0
        ? 'No token request was needed.'
        : `The server saw ${count(tokenRequests, 'token request')} meanwhile.`
    }`,
  }
}

/** Calls the API `n` times at once. */
export async function callMany(fetch: Fetch, n: number): Promise<Outcome> {
  const { result, ms, tokenRequests } = await observe(() =>
    Promise.allSettled(Array.from({ length: n }, (_, index) => getStatus(fetch, index + 1))),
  )
  const statuses = new Map<number, number>()
  const failures: unknown[] = []
  for (const answer of result) {
    if (answer.status === 'fulfilled') statuses.set(answer.value, (statuses.get(answer.value) ?? 0) + 1)
    else failures.push(answer.reason)
  }
  return callsOutcome({ statuses, failures, ms, tokenRequests })
}

async function getStatus(fetch: Fetch, item: number): Promise<number> {
  const response = await fetch(`/api/items/${item}`)
  await response.arrayBuffer()
  return response.status
}
