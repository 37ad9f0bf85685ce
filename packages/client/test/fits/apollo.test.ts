import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { expect, test } from 'vitest'
import { setUpFit } from '../support/fit.ts'

test('Apollo Client sends its operations through `auth.fetch`, and once more after a 401', async () => {
  const { auth, api } = await setUpFit({ answer: (n) => ({ data: { calls: n } }) })
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${api.origin}/graphql`, fetch: auth.fetch }),
    cache: new InMemoryCache(),
  })

  const { data } = await client.query<{ calls: number }>({
    query: gql`
      query Calls {
        calls
      }
    `,
  })

  expect(data).toEqual({ calls: 2 })
  expect(api.calls.map(({ path, status }) => [path, status])).toEqual([
    ['/graphql', 401],
    ['/graphql', 200],
  ])
  client.stop()
})
