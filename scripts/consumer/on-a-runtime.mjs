// The journey on the runtime that runs this: Node, Bun or Deno. The process must end by itself, since nothing may stay alive.
import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { travel } from './journey.mjs'
import { checkRedirect } from './redirected.mjs'
import { runtime } from './runtime.mjs'

const [issuer = ''] = process.argv.slice(2)
const provider = oauth({ issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
const heard = await travel(createAuthClient({ provider }), async (url) => {
  const answer = await fetch(url, { redirect: 'manual' })
  return answer.headers.get('location') ?? ''
})
await checkRedirect(provider)
console.log(`${runtime}: ${heard}`)
