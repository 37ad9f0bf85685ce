import type { Browser } from 'puppeteer-core'
import { beforeAll, test } from 'vitest'
import { openFirefox } from './browsers.ts'
import { followAway } from './redirected-call.ts'
import { playRounds, roundsTimeout } from './rounds.ts'
import { openSiteIn } from './site.ts'

let firefox: Browser

beforeAll(async () => {
  firefox = await openFirefox()
  return () => firefox.close()
})

test.for([2, 6])(
  'in %i tabs of Firefox whose session expires in the same instant, each round is one token request, no reuse, no sign-out',
  { timeout: roundsTimeout },
  async (count) => playRounds(await openSiteIn(firefox), count),
)

test('a call that Firefox follows to another origin arrives there without the token', async () => {
  await followAway(await openSiteIn(firefox))
})
