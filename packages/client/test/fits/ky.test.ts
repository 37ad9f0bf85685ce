import ky from 'ky'
import { expect, test } from 'vitest'
import { setUpFit } from '../support/fit.ts'

test('ky sends its requests through `auth.fetch`: a body goes again, whole, after a 401', async () => {
  const { auth, api } = await setUpFit({ answer: (n) => ({ n }) })
  const http = ky.create({ fetch: auth.fetch, prefix: api.origin })

  const order = await http.post('orders', { json: { of: 'tea' } }).json<{ n: number }>()

  expect(order).toEqual({ n: 2 })
  expect(api.calls.map(({ path, body, status }) => [path, body, status])).toEqual([
    ['/orders', '{"of":"tea"}', 401],
    ['/orders', '{"of":"tea"}', 200],
  ])
})
