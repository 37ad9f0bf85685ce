import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { redirectUri, startOpenIdProvider } from '../support/openid-provider.ts'
import { createAuth, nameOfUser, signIn, signOut } from './generic-example.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

test('the page on other servers shows the code that runs here, word for word', async () => {
  const page = await read('../../../../docs/providers/generic.md')
  expect(page).toContain(`\`\`\`ts\n${await read('./generic-example.ts')}\`\`\``)
})

test('whoever follows it signs in at a real provider, refreshes, and signs out there as well', async () => {
  const server = await startOpenIdProvider()
  const auth = createAuth(server.issuer, 'spa', redirectUri)
  onTestFinished(() => auth.dispose())

  const back = await server.authorize((await signIn(auth, '/orders')) ?? '')
  expect((await auth.handleRedirect(back)).error).toBeNull()
  expect(nameOfUser(auth)).toBe('Ada Lovelace')
  expect((await auth.refreshSession()).data.session).toMatchObject({ revision: 2, tokenType: 'dpop' })

  const leave = new URL((await signOut(auth, redirectUri)) ?? '')
  expect([leave.origin, leave.searchParams.get('post_logout_redirect_uri')]).toEqual([server.issuer, redirectUri])
  expect((await fetch(leave)).status).toBe(200)
  expect(nameOfUser(auth)).toBeNull()
})

test.each(['auth0', 'keycloak', 'okta'])('the page on %s says what was run and what not', async (vendor) => {
  expect(await read(`../../../../docs/providers/${vendor}.md`)).toMatch(/## What was run\n[\s\S]*_not run_/)
})
