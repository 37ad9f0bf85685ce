import { alterAnswer, createAuthServer } from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { setupWorker } from 'msw/browser'
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AuthClient, createAuthClient, indexedDbStore } from '../src/index.ts'
import { dpop } from '../src/providers/dpop.ts'
import { oauth, type OAuthProvider, type OAuthSignIn } from '../src/providers/oauth.ts'
import { deleteDatabase, stayHere } from './support/stay-here.ts'

const server = createAuthServer()
const seen: Request[] = []
const note = ({ request }: { readonly request: Request }) => void seen.push(request)
const worker = setupWorker(
  ...server.handlers,
  http.get(`${location.origin}/api/away`, () => HttpResponse.redirect('https://elsewhere.example.test/api/me', 307)),
  http.get('*/api/*', (of) => {
    note(of)
    return HttpResponse.json({}, { headers: { 'access-control-allow-origin': '*' } })
  }),
)
beforeAll(() => worker.start({ quiet: true, onUnhandledFrame: 'bypass' }).then(() => {}))
afterAll(() => worker.stop())
beforeEach(deleteDatabase)
afterEach(() => {
  server.reset()
  seen.length = 0
})

/** A client on the page's own IndexedDB. */
function createClient(provider: OAuthProvider) {
  const { provider: staying, leftFor } = stayHere(provider)
  const auth = createAuthClient<OAuthSignIn>({
    provider: staying,
    storage: indexedDbStore(),
    autoRefresh: 'off',
    redirect: 'manual',
  })
  onTestFinished(() => auth.dispose())
  return { auth, leftFor }
}

const bearer = () => oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: `${location.origin}/callback` })

async function signIn(provider: OAuthProvider): Promise<AuthClient<OAuthSignIn>> {
  const { auth, leftFor } = createClient(provider)
  await auth.signIn()
  const { error } = await auth.handleRedirect(await server.authorize(leftFor(), { user: 'ada' }))
  expect(error).toBeNull()
  return auth
}

test('a Request of another window goes where it says, with its method and the token', async () => {
  const auth = await signIn(bearer())
  const frame = document.createElement('iframe')
  document.body.append(frame)
  onTestFinished(() => frame.remove())
  const { Request } = frame.contentWindow as Window & typeof globalThis
  expect(new Request('/') instanceof window.Request).toBe(false)
  await auth.fetch(new Request(`${location.origin}/api/own`, { headers: { 'x-own': '1' } }))
  expect(seen.map(({ url, headers }) => [new URL(url).pathname, headers.get('x-own')])).toEqual([['/api/own', '1']])
  expect(seen[0]?.headers.get('authorization')).toMatch(/^Bearer /)
})

test('a relative address is one of the page’s `<base>`: where that is foreign, the token stays here', async () => {
  const auth = await signIn(bearer())
  await auth.fetch('api/own')
  const base = document.createElement('base')
  base.href = 'https://elsewhere.example.test/'
  document.head.append(base)
  onTestFinished(() => base.remove())
  await auth.fetch('api/foreign')
  expect(
    seen.map(({ url, headers }) => [new URL(url).pathname.replace(/.*(?=\/)/, ''), headers.has('authorization')]),
  ).toEqual([
    ['/own', true],
    ['/foreign', false],
  ])
})

test('a redirect to a foreign origin does not take the token along', async () => {
  const auth = await signIn(bearer())
  expect((await auth.fetch('/api/away')).ok).toBe(true)
  expect(seen.map(({ url, headers }) => [new URL(url).host, headers.has('authorization')])).toEqual([
    ['elsewhere.example.test', false],
  ])
})

test('a key is kept in IndexedDB, and another client of the page proves it with what it finds there', async () => {
  server.faults.always(
    alterAnswer((body) => ({ ...body, token_type: 'DPoP' })),
    { endpoint: 'token' },
  )
  await signIn(dpop(bearer()))
  const { auth } = createClient(dpop(bearer()))

  expect((await auth.refreshSession()).data.session).toMatchObject({ revision: 2, tokenType: 'dpop' })
  await auth.fetch('/api/me')

  const { headers } = seen[0] ?? new Request(location.href)
  expect(headers.get('authorization')).toMatch(/^DPoP /)
  const [head = '', claims = '', signature = ''] = (headers.get('dpop') ?? '').split('.')
  const { jwk } = JSON.parse(atob(head.replaceAll('-', '+').replaceAll('_', '/'))) as { jwk: JsonWebKey }
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
  const bytes = Uint8Array.from(atob(signature.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const signed = new TextEncoder().encode(`${head}.${claims}`)
  expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes, signed)).toBe(true)
  expect('d' in jwk).toBe(false)
})
