import createClient from 'openapi-fetch'
import { expect, test } from 'vitest'
import { setUpFit } from '../support/fit.ts'

/** As `openapi-typescript` writes it. */
interface Paths {
  '/orders/{id}': {
    put: {
      parameters: { path: { id: number } }
      requestBody: { content: { 'application/json': { of: string } } }
      responses: { 200: { content: { 'application/json': { n: number } } } }
    }
  }
}

test('openapi-fetch sends its requests through `auth.fetch`: a body goes again, whole, after a 401', async () => {
  const { auth, api } = await setUpFit({ answer: (n) => ({ n }) })
  const client = createClient<Paths>({ baseUrl: api.origin, fetch: auth.fetch })

  const { data } = await client.PUT('/orders/{id}', { params: { path: { id: 7 } }, body: { of: 'tea' } })

  expect(data?.n).toBe(2)
  expect(api.calls.map(({ method, path, body, status }) => [method, path, body, status])).toEqual([
    ['PUT', '/orders/7', '{"of":"tea"}', 401],
    ['PUT', '/orders/7', '{"of":"tea"}', 200],
  ])
})
