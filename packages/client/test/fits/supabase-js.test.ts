import { createClient } from '@supabase/supabase-js'
import { expect, test } from 'vitest'
import { setUpFit } from '../support/fit.ts'

test('supabase-js takes the token as its `accessToken`, fresh for each request; it asks no second time after a 401', async () => {
  const { auth, api } = await setUpFit({ answer: (n) => [{ n }], requireDPoP: false })
  const supabase = createClient(api.origin, 'sb_publishable_abc', {
    // Once nobody is signed in it goes on with its key alone.
    accessToken: () => auth.getAccessToken(),
  })

  const refused = await supabase.from('orders').select()
  await auth.refreshSession()
  const { data } = await supabase.from('orders').select()

  expect([refused.status, data]).toEqual([401, [{ n: 2 }]])
  const { session } = (await auth.getSession()).data
  expect(api.calls[1]).toMatchObject({
    path: '/rest/v1/orders?select=*',
    authorization: `Bearer ${session?.accessToken}`,
  })
})
