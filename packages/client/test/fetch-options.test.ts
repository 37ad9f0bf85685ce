import { expect, test } from 'vitest'
import { createAuthFetch } from '../src/fetch.ts'
import type { Session } from '../src/base/session.ts'
import { systemRealm } from '../src/realm/system-realm.ts'
import { apiOrigin } from './support/app.ts'

/** A `fetch` of somebody who is signed in, and the requests that the platform makes of what it is handed. */
function setUpFetch() {
  const sent: Request[] = []
  const session = { accessToken: 'canary', tokenType: 'bearer' } as Session
  const authFetch = createAuthFetch({
    realm: {
      page: systemRealm.page,
      fetch: async (input, init) => {
        sent.push(new Request(input, init))
        return new Response()
      },
    },
    origins: [apiOrigin],
    current: async () => session,
    isDisposed: () => false,
    prove: () => undefined,
    renewed: async () => null,
  })
  return { authFetch, sent }
}

class Getters {
  get method() {
    return 'PUT'
  }
  get body() {
    return 'of a getter'
  }
}

test.each<[string, RequestInit, string, string]>([
  [
    'a prototype',
    Object.create({ method: 'DELETE', body: 'of a prototype' }) as RequestInit,
    'DELETE',
    'of a prototype',
  ],
  ['a class', new Getters(), 'PUT', 'of a getter'],
  ['a class below it', new (class extends Getters {})(), 'PUT', 'of a getter'],
  ['nothing', Object.assign(Object.create(null), { method: 'PATCH' }) as RequestInit, 'PATCH', ''],
])('options that have what they say of %s are read as `fetch` reads them', async (_, options, method, body) => {
  const { authFetch, sent } = setUpFetch()
  await authFetch(`${apiOrigin}/orders`, options)
  expect(sent.map((request) => request.method)).toEqual([method])
  expect(await sent[0]?.text()).toBe(body)
  expect(sent[0]?.headers.get('authorization')).toBe('Bearer canary')
})

test('a Request keeps what it tells of where it comes from, and options beside it are for `fetch` to read', async () => {
  const { authFetch, sent } = setUpFetch()
  const request = new Request(`${apiOrigin}/orders`, { referrer: '', referrerPolicy: 'no-referrer' })
  await authFetch(request)
  await authFetch(request, { referrerPolicy: 'origin' })
  expect(sent.map(({ referrer, referrerPolicy }) => [referrer, referrerPolicy])).toEqual([
    ['', 'no-referrer'],
    ['about:client', 'origin'],
  ])
})
