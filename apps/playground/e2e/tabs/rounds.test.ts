import { test } from 'vitest'
import { playRounds, roundsTimeout } from './rounds.ts'
import { openSite } from './site.ts'

test.for([2, 6])(
  'in %i tabs whose session expires in the same instant, each round is one token request, no reuse, no sign-out',
  { timeout: roundsTimeout },
  async (count) => playRounds(await openSite(), count),
)
