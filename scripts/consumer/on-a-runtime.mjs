// The journey on the runtime that runs this: Node, Bun or Deno. The process must end by itself, since nothing may stay alive.
import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { travel } from './journey.mjs'

const [issuer = ''] = process.argv.slice(2)
const auth = createAuthClient({
  provider: oauth({ issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
})
const heard = await travel(auth, async (url) => {
  const answer = await fetch(url, { redirect: 'manual' })
  return answer.headers.get('location') ?? ''
})
const { bun, deno, node } = process.versions
console.log(`${deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`}: ${heard}`)
