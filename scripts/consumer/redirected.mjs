import { createServer } from 'node:http'
import { createAuthClient } from '@authflight/client'

/**
 * Sees to it that the token does not go along when an allowed origin redirects to another one: `auth.fetch` leaves that to the platform.
 *
 * @param {import('@authflight/client').Provider<object>} provider
 * @throws when the token went further than it may, or not as far as it has to
 */
export async function checkRedirect(provider) {
  /** @type {string[]} */
  const seen = []
  const foreign = await listen(({ headers }, response) => {
    seen.push(`foreign: ${headers.authorization ?? 'no token'}`)
    response.end()
  })
  const own = await listen(({ headers }, response) => {
    seen.push(`own: ${headers.authorization ?? 'no token'}`)
    response.writeHead(302, { location: foreign.origin }).end()
  })
  const auth = createAuthClient({ provider, fetchOrigins: [own.origin] })
  await auth.setSession({ accessToken: 'a', expiresAt: Date.now() + 60_000, user: { id: 'ada', claims: {} } })
  await (await auth.fetch(own.origin)).text()
  auth.dispose()
  for (const { close } of [own, foreign]) close()
  if (seen.join() !== 'own: Bearer a,foreign: no token') throw new Error(`Who saw a token: ${seen.join()}`)
}

/** @param {import('node:http').RequestListener} answer */
async function listen(answer) {
  const server = createServer(answer)
  await new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
