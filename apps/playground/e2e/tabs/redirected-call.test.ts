import { test } from 'vitest'
import { followAway } from './redirected-call.ts'
import { openSite } from './site.ts'

test('a call that is redirected to another origin arrives there without the token', async () => {
  await followAway(await openSite())
})
