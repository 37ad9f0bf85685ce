import { describe, expect, test } from 'vitest'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { memoryStore, type Store } from '../../src/index.ts'
import { expectSentence, lastMessage, setUp, ada } from '../support/gotrue-app.ts'
import { createRealm } from '../support/realm.ts'

const site = 'https://app.example.test/'
const code = '0b7b9f0e-6c1e-4d53-8a52-3f0b6c1f2d11'

/** A project whose site is the app, and which sends users nowhere else. */
function setUpSite() {
  const { server, createClient } = setUp({ siteUrl: site, redirectUrls: [] })
  const storage = memoryStore()

  /** A page at that address: what it shows after the start, and how that went. */
  async function open(href: string, { name, from = storage }: { readonly name?: string; readonly from?: Store } = {}) {
    const page = { ...createRealm().page, href, replaceAddress: (to: string) => void (page.href = to) }
    const auth = createClient({ storage: from, redirect: 'auto', ...(name && { name }) }, (options) =>
      createAuthClientIn(createRealm({ page }), options),
    )
    const { data, error } = await auth.handleRedirect()
    expect(data.session).toBeNull()
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: null })
    expect(server.count('pkce')).toBe(0)
    return { error, href: page.href }
  }

  /** A sign-in that leaves for another provider, and is to come back to an address that the project does not allow. */
  async function leave(name = 'default'): Promise<string> {
    const gotrue = { redirectTo: 'https://preview.example.test/' }
    const { data } = await createClient({ storage, name, gotrue }).signIn({ method: 'oauth', provider: 'github' })
    return server.authorize(data.url ?? '')
  }

  return { server, createClient, open, leave }
}

describe('a sign-in that the server has sent to the Site URL, as no Redirect URL fits', () => {
  test('says so where it is open, and leaves the address: the code may be the app’s own', async () => {
    const { open, leave } = setUpSite()
    const back = await leave()
    expect(back).toMatch(/^https:\/\/app\.example\.test\/\?code=[\da-f-]{36}$/)
    const { error, href } = await open(`${back}&tab=1`)
    expect(error).toMatchObject({ code: 'callback_unknown', message: expect.stringContaining('Redirect URLs') })
    expectSentence(error)
    expect(href).toBe(`${back}&tab=1`)
  })

  test.each([
    ['where nobody has begun a sign-in', `${site}?code=${code}`, null],
    ['where one was begun under another name', `${site}?code=${code}`, 'other'],
    ['with a state, whoever made it', `${site}?code=${code}&state=x`, 'default'],
    ['that is none of the server’s', `${site}?code=SUMMER-26`, 'default'],
    ['that is one of two', `${site}?code=${code}&code=${code}`, 'default'],
  ])('but a code %s is the app’s own, and is not touched', async (_, href, begun) => {
    const { open, leave } = setUpSite()
    if (begun !== null) await leave(begun)
    expect(await open(href)).toEqual({ error: null, href })
  })

  test('nor is one touched once a sign-out has ended what was open', async () => {
    const { createClient, open, leave } = setUpSite()
    const back = await leave()
    const from = memoryStore()
    const auth = createClient({ storage: from })
    await auth.signIn({ method: 'oauth', provider: 'github' })
    await auth.signOut()
    expect(await open(back, { from })).toEqual({ error: null, href: back })
  })
})

describe('what comes back with an error and without a state says why, and leaves the address clean', () => {
  const hash = (told: Record<string, string>): string => new URLSearchParams(told).toString()
  const because = (error: string, error_code: string) => ({ error, error_code, error_description: 'canary text' })
  const overdue = { error_description: 'Email link is invalid or has expired' }
  const unknownState = because('invalid_request', 'bad_oauth_state')

  test.each([
    ['a state that the server knows no more', `?${hash(unknownState)}#${hash(unknownState)}&sb=`, 'sign_in_failed'],
    ['a link that was used', `#${hash(because('access_denied', 'otp_expired'))}&sb=`, 'otp_expired'],
    ['the same of an older server', `#${hash(because('access_denied', 'otp_expired'))}`, 'otp_expired'],
    [
      'the same from before there were codes',
      `#${hash({ error: 'access_denied', error_code: '403', ...overdue })}`,
      'otp_expired',
    ],
    [
      'the same of a still older server',
      `#${hash({ error: 'unauthorized_client', error_code: '401', ...overdue })}`,
      'otp_expired',
    ],
    ['a status and no more', '#error=server_error&error_code=500&error_description=canary', 'sign_in_failed'],
    ['a text that is another provider’s', `#${hash({ error: 'server_error', ...overdue })}&sb=`, 'sign_in_failed'],
    ['a user who said no', `#error=access_denied&error_description=canary&sb=`, 'access_denied'],
    ['a sign-up that is switched off', `#${hash(because('access_denied', 'signup_disabled'))}&sb=`, 'method_disabled'],
    ['a code of no meaning', `#${hash(because('server_error', '__proto__'))}&sb=`, 'sign_in_failed'],
  ])('%s', async (_, back, told) => {
    const { open } = setUpSite()
    const { error, href } = await open(site + back)
    expect(error?.code).toBe(told)
    expectSentence(error)
    expect(href).toBe(site)
  })

  test('a state that is forgotten is not put down to how the provider is set up', async () => {
    const { open } = setUpSite()
    const { error } = await open(`${site}#${hash(unknownState)}&sb=`)
    expect(error?.message).toMatch(/does not know this sign-in any more/)
  })
})

describe('a link that brings a session in its address, without PKCE', () => {
  test('signs nobody in, says what to do, and its tokens do not stay in the address', async () => {
    const { server, open } = setUpSite()
    await fetch(`${server.issuer}/otp`, {
      method: 'POST',
      headers: { apikey: server.apiKey },
      body: JSON.stringify({ email: ada.email }),
    })
    const back = await server.follow(lastMessage(server).link)
    expect(back).toMatch(/#access_token=.*&sb=/)
    const { error, href } = await open(back)
    expect(error).toMatchObject({ code: 'callback_invalid', message: expect.stringContaining('{{ .TokenHash }}') })
    expectSentence(error)
    expect(href).toBe(site)
  })

  test.each(['invite', 'signup', 'recovery', 'magiclink', 'email_change'])(
    'of an older server, of %s',
    async (type) => {
      const { open } = setUpSite()
      const { error, href } = await open(`${site}?tab=1#access_token=canary_a&refresh_token=canary_r&type=${type}`)
      expect(error?.code).toBe('callback_invalid')
      expect(href).toBe(`${site}?tab=1`)
    },
  )

  test('is told to whoever hands the address over, too', async () => {
    const { createClient } = setUpSite()
    const { error } = await createClient().handleRedirect(`${site}#access_token=canary_a&sb=`)
    expect(error?.code).toBe('callback_invalid')
  })
})

test.each([
  ['the half of a change of address', '#message=Confirmation+link+accepted&sb='],
  ['a token of another provider', '#access_token=canary&token_type=bearer&state=x'],
  ['tokens of another provider', '#access_token=canary&refresh_token=canary'],
  ['an error of another provider', '#error=access_denied&error_description=canary&state=x'],
  ['an error in the query', '?error=access_denied&error_code=200&error_description=canary&state=x'],
  ['a route', '#/orders?code=1'],
])('%s is left where it is, also where a sign-in is open', async (_, more) => {
  const { open, leave } = setUpSite()
  await leave()
  expect(await open(site + more)).toEqual({ error: null, href: site + more })
})
