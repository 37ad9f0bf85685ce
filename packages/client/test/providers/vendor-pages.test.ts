import { createAuthServer, loseAnswer } from '@authflight/testing'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listCodeBlocks } from '../../../../scripts/lib/code-blocks.mjs'
import type { Client } from '../support/app.ts'
import { apiAudience, redirectUri, startOpenIdProvider } from '../support/openid-provider.ts'
import { readPage, runCode, swap } from '../support/page-code.ts'

const vendors = ['auth0', 'keycloak', 'okta']
const read = (vendor: string) => readPage(`docs/providers/${vendor}.md`)

/** Runs the page's own code, at another issuer, with the client and the API that are known there. `reuse`: in the place of the page's. */
async function load(vendor: string, issuer: string, reuse = '$&'): Promise<Client> {
  const blocks = listCodeBlocks(await read(vendor))
  expect(blocks).toHaveLength(1)
  const code = swap(blocks[0]?.code ?? '', [
    [/(?<=issuer: )'.*'/, `'${issuer}'`],
    [/(?<=clientId: )'.*'/, "'spa'"],
    [/(?<=redirectUri: )'.*'/, `'${redirectUri}'`],
    [/(?<=reuse: )'.*'/, reuse],
  ]).replace(/(?<=resource: )'.*'/, `'${apiAudience}'`)
  const { auth } = (await runCode(code)) as { auth: Client }
  onTestFinished(() => auth.dispose())
  return auth
}

/** As the example would be: in some page of the app, which is not the one that the provider sends the user back to. */
function beOnPage(assign: (href: string) => void): void {
  vi.stubGlobal('location', Object.assign(new URL('/orders?page=2', redirectUri), { assign }))
  vi.stubGlobal('document', {})
  onTestFinished(() => void vi.unstubAllGlobals())
}

test.each(vendors)('whoever follows the page on %s signs in, refreshes and signs out', async (vendor) => {
  const server = await startOpenIdProvider()
  const assign = vi.fn<(href: string) => void>()
  beOnPage(assign)
  const auth = await load(vendor, server.issuer)

  const { data } = await auth.signIn({ returnTo: '/orders' })
  expect(assign.mock.calls).toEqual([[data.url]])
  const { error } = await auth.handleRedirect(await server.authorize(data.url ?? ''))
  expect(error).toBeNull()
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { user: { name: 'Ada Lovelace' } } })
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect(server.countRefreshTokens()).toBe(1)

  expect((await auth.signOut()).error).toBeNull()
  expect(auth.getSnapshot().status).toBe('signed-out')
  await expect.poll(server.countRefreshTokens).toBe(0)
})

/** A session whose refresh the server has granted, and whose answer was lost. `seconds`: how long a token may come again there. */
async function loseAnAnswer(vendor: string, seconds: number, reuse?: string) {
  const server = createAuthServer({ profile: { name: 'branches', seconds } })
  const network = setupServer(...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())
  beOnPage(() => {})
  const auth = await load(vendor, server.issuer, reuse)
  const { data } = await auth.signIn({ returnTo: '/orders' })
  await auth.handleRedirect(await server.authorize(data.url ?? ''))
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  expect((await auth.refreshSession()).error?.code).toBe('network')
  return { server, auth }
}

test.each([
  ['okta', undefined],
  ['auth0', "'branches'"],
])('an answer that is lost within the grace of %s is asked for again: the session lives', async (vendor, reuse) => {
  const { server, auth } = await loseAnAnswer(vendor, 30, reuse)
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect(server.log.filter(({ reused }) => reused)).toHaveLength(1)
  expect(server.liveSessions).toHaveLength(1)
})

test('without an overlap period it is left alone while the access token lives, as the page on Auth0 has it', async () => {
  const { server, auth } = await loseAnAnswer('auth0', 0)
  expect((await auth.refreshSession()).error?.code).toBe('refresh_unknown_outcome')
  expect(server.count('refresh_token')).toBe(1)
})

test('and ends the session after that', async () => {
  const { auth } = await loseAnAnswer('auth0', 0)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect((await auth.refreshSession()).data.session).toBeNull()
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'lost_answer' })
})

test.each(vendors)('the page on %s says what was run and what not', async (vendor) => {
  expect(await read(vendor)).toMatch(/## What was run\n[\s\S]*_not run_/)
})
