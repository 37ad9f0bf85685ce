import { alterAnswer, busy, invalidGrant, oauthFailure } from '@authflight/testing'
import { expect, test, vi } from 'vitest'
import { readRegistry } from '../../../../scripts/lib/registry.mjs'
import { compare } from '../../../../scripts/lib/told.mjs'
import { nameOAuthError, seconds } from '../../src/telemetry/attributes.ts'
import { setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { openTwoTabs } from '../support/tabs.ts'

test('records carry what the registry says, each value of its type, whatever happens', async () => {
  const { records } = recordAll()
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 60 })
  const auth = createClient({ autoRefresh: 'always' })
  await signIn(auth)
  await Promise.all(Array.from({ length: 40 }, () => auth.refreshSession()))
  server.faults.next(busy(), { grant: 'refresh_token' })
  await auth.refreshSession()
  server.faults.next(oauthFailure('canary_code'), { grant: 'refresh_token' })
  await auth.refreshSession()
  await auth.signOut()
  await signIn(auth, 'grace')
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const discarded = auth.refreshSession()
  await gate.arrived
  await signIn(auth, 'ada')
  gate.release()
  await discarded
  server.faults.next(invalidGrant(), { grant: 'refresh_token' })
  await auth.refreshSession()

  const [one, two] = await openTwoTabs(server, signIn)
  await Promise.all([one.refreshSession(), two.refreshSession()])
  await vi.waitFor(() => expect(two.getSnapshot()).toMatchObject({ session: { revision: 2 } }))
  await one.signOut()
  await vi.waitFor(() => expect(two.getSnapshot()).toMatchObject({ reason: 'other_tab' }))

  expect(new Set(records.map(({ name }) => name)).size).toBeGreaterThan(10)
  expect(
    compare(
      readRegistry(),
      records.filter(({ endedAt }) => endedAt !== undefined),
      'client',
    ).strangers,
  ).toEqual([])
  expect(await server.leaksIn(JSON.stringify(records))).toEqual([])
})

test('only the codes of the standards are named; what else a server calls an error is `_OTHER`', () => {
  expect(['invalid_grant', 'use_dpop_nonce', 'canary_text', 'constructor'].map(nameOAuthError)).toEqual([
    'invalid_grant',
    'use_dpop_nonce',
    '_OTHER',
    '_OTHER',
  ])
})

test('seconds keep their milliseconds, and no more', () => {
  expect([0, 1, 1_500.4, -2_000].map(seconds)).toEqual([0, 0.001, 1.5, -2])
})

test.each([1e18, 1e306])('a lifetime of %s is told as a hundred years, which JSON can hold', async (seconds) => {
  const { records } = recordAll()
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const refresh_expires_in = seconds
  server.faults.next(alterAnswer((body) => ({ ...body, expires_in: seconds, refresh_expires_in })))
  expect((await auth.refreshSession()).error).toBeNull()

  const refresh = records.findLast(({ name }) => name === 'authflight.refresh')
  const hundredYears = 100 * 365 * 24 * 3_600
  for (const token of ['token.expires_in', 'token.refresh_expires_in'])
    expect(Math.round(Number(refresh?.attributes[`authflight.${token}`]))).toBe(hundredYears)
})
