import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { travel } from '../journey.mjs'

const auth = createAuthClient({
  provider: oauth({ issuer: process.env.NEXT_PUBLIC_ISSUER ?? '', clientId: 'spa', redirectUri: location.origin }),
  name: 'worker',
})

/** @param {string} url */
const authorize = (url) =>
  new Promise((resolve) => {
    addEventListener('message', ({ data }) => resolve(data), { once: true })
    postMessage({ url })
  })

travel(auth, authorize).then(
  (heard) => postMessage({ heard }),
  // Thrown where the page hears of it.
  (error) =>
    setTimeout(() => {
      throw error
    }),
)
