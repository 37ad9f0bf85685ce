import { alterAnswer, loseAnswer, oauthFailure } from '@authflight/testing'
import { describe, expect, test, vi } from 'vitest'
import { type AuthRecord, memoryStore } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { openTwoTabs } from '../support/tabs.ts'

/** What the ended operations of a name say under a key. */
function setUpRecorded(options: Parameters<typeof setUp>[0] = {}) {
  const recorded = recordAll()
  const app = setUp(options)
  const provider = oauth({ issuer: app.server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  return {
    ...app,
    recorded,
    provider,
    said: (name: AuthRecord['name'], key: string) =>
      recorded.operations(name).flatMap(({ attributes }) => attributes[`authflight.${key}`] ?? attributes[key] ?? []),
    async signedIn(own: Partial<Provider> = {}) {
      const auth = app.createClient({ provider: { ...provider, ...own } as never })
      await app.signIn(auth)
      return auth
    },
  }
}

test('a waiter of a flight that kept its refresh token was given a renewed session', async () => {
  const { signedIn, said } = setUpRecorded({ profile: 'non-rotating' })
  const auth = await signedIn()
  await Promise.all([auth.refreshSession(), auth.refreshSession()])
  expect(said('authflight.wait', 'wait.outcome')).toEqual(['renewed'])
})

test.each([
  ['unsupported', { revoke: async () => false }],
  ['failed', { revoke: () => Promise.reject(new Error('canary')) }],
])(
  'of a discard whose revocation is %s it is told so, and its waiters that it was discarded',
  async (expected, own) => {
    const { server, signedIn, said } = setUpRecorded()
    const auth = await signedIn(own)
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshing = [auth.refreshSession(), auth.refreshSession()]
    await gate.arrived
    await auth.signOut()
    gate.release()
    await Promise.all(refreshing)
    await expect.poll(() => said('authflight.discard', 'discard.revocation')).toEqual([expected])
    expect(said('authflight.wait', 'wait.outcome')).toEqual(['discarded'])
  },
)

describe('a tab that waits for another one’s claim', () => {
  async function waitForOther(prepare: (server: ReturnType<typeof setUp>['server']) => void) {
    const { server, signIn, recorded, said } = setUpRecorded()
    const [one, two] = await openTwoTabs(server, signIn)
    prepare(server)
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const first = one.refreshSession()
    await gate.arrived
    const second = two.refreshSession()
    const isWaiting = ({ attributes }: AuthRecord) => attributes['authflight.contention.kind'] === 'claim_wait'
    await vi.waitFor(() => expect(recorded.records.some(isWaiting)).toBe(true))
    return { one, gate, both: Promise.all([first, second]), said }
  }

  test('gives up when that one’s answer is lost and the access token lives', async () => {
    const { gate, both, said } = await waitForOther((server) =>
      server.faults.next(loseAnswer(), { grant: 'refresh_token' }),
    )
    gate.release()
    await both
    expect(said('authflight.contention', 'contention.resolution')).toEqual(['gave_up'])
  })

  test('is told when the session is signed out meanwhile', async () => {
    const { one, gate, both, said } = await waitForOther(() => {})
    await one.signOut()
    await vi.waitFor(() => expect(said('authflight.contention', 'contention.resolution')).toEqual(['signed_out']))
    gate.release()
    await both
  })
})

test.each(['revoked', 'reuse'] as const)('a server that tells why ends the session as `%s`', async (reason) => {
  const { server, signedIn, said } = setUpRecorded()
  const auth = await signedIn({ terminal: { invalid_grant: reason } })
  server.faults.next(oauthFailure('invalid_grant'), { grant: 'refresh_token' })
  await auth.refreshSession()
  expect(said('authflight.session_end', 'session_end.reason')).toEqual([reason])
  const errorType = reason === 'reuse' ? 'refresh_token_reused' : 'invalid_grant'
  expect(said('authflight.refresh', 'error.type')).toEqual([errorType])
})

test.each(['unsupported_grant_type', 'server_error', 'temporarily_unavailable'])(
  'the code %s of a standard is named',
  async (code) => {
    const { server, signedIn, said } = setUpRecorded()
    const auth = await signedIn()
    server.faults.next(oauthFailure(code), { grant: 'refresh_token' })
    await auth.refreshSession()
    expect(said('authflight.token_request', 'oauth.error')).toEqual([code])
  },
)

test('a refresh, and what is stored of it, say how long the new refresh token lives, where the server tells', async () => {
  const { signedIn, said, recorded, provider } = setUpRecorded()
  const auth = await signedIn({
    async refresh(...of) {
      const answer = await provider.refresh(...of)
      return answer.kind === 'tokens' ? { ...answer, tokens: { ...answer.tokens, refreshExpiresIn: 3_600 } } : answer
    },
  })
  await auth.refreshSession()
  expect(said('authflight.refresh', 'token.refresh_expires_in')).toEqual([expect.closeTo(3_600, 0)])
  const { attributes } = recorded.named('authflight.record.committed').at(-1)!
  expect(attributes['authflight.token.refresh_expires_in']).toBeCloseTo(3_600, 0)
})

test('who finds a session stored tells how long its refresh token lives', async () => {
  const { server, createClient, signIn, recorded } = setUpRecorded()
  const storage = memoryStore()
  server.faults.next(alterAnswer((body) => ({ ...body, refresh_expires_in: 3_600 })))
  await signIn(createClient({ storage }))
  await createClient({ storage }).getSession()
  const { attributes } = recorded.named('authflight.record.store_change').at(-1)!
  expect(attributes['authflight.store.change']).toBe('loaded')
  expect(attributes['authflight.token.refresh_expires_in']).toBeCloseTo(3_600, 0)
})

test('a repeated request says which repetition it is, and to which port, and each one that brings no tokens is an error', async () => {
  const { server, said, signedIn, recorded } = setUpRecorded({ issuer: 'https://id.example.test:8443' })
  const auth = await signedIn({
    async refresh(_, { present }) {
      for (let time = 0; time < 2; time += 1) await present(`${server.issuer}/token`, { method: 'POST' })
      return { kind: 'unreadable', status: 400, retryAfter: null }
    },
  })
  recorded.clear()
  await auth.refreshSession()
  expect(said('authflight.token_request', 'http.request.resend_count')).toEqual([1])
  const requests = recorded.operations('authflight.token_request')
  expect(requests.map(({ status, attributes }) => [status, attributes['error.type']])).toEqual([
    ['error', '_OTHER'],
    ['error', 'malformed_response'],
  ])
  expect(new Set(said('authflight.token_request', 'server.port'))).toEqual(new Set([8443]))
})
