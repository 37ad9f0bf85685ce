import { CancelledError, QueryClient } from '@tanstack/query-core'
import { expect, test } from 'vitest'
import { setUpFit } from '../support/fit.ts'

test('TanStack Query asks through `auth.fetch` in its query functions, with its signal', async () => {
  const { auth, api } = await setUpFit({ answer: (n) => ({ n }) })
  const queries = new QueryClient()
  const orders = {
    queryKey: ['orders'],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<{ readonly n: number }> => {
      const response = await auth.fetch(`${api.origin}/orders`, { signal })
      if (!response.ok) throw new Error(`The orders were answered ${response.status}.`)
      return (await response.json()) as { n: number }
    },
  }

  expect(await queries.fetchQuery(orders)).toEqual({ n: 2 })
  expect(api.calls.map(({ status }) => status)).toEqual([401, 200])

  const left = queries.fetchQuery({ ...orders, queryKey: ['left'] })
  void queries.cancelQueries({ queryKey: ['left'] })
  await expect(left).rejects.toBeInstanceOf(CancelledError)
  queries.clear()
})
