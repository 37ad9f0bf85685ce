import { readFileSync } from 'node:fs'
import { busy, invalidGrant, oauthFailure } from '@authflight/testing'
import { expect, test, vi } from 'vitest'
import type { AuthRecord } from '../../src/index.ts'
import { nameOAuthError, seconds } from '../../src/telemetry/attributes.ts'
import { setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { openTab } from '../support/tabs.ts'

const read = (path: string) => readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8')
const source = ['telemetry/attributes.ts', 'session.ts', 'errors.ts'].map(read).join('\n')
const literals = (text: string) => [...text.matchAll(/'([^']+)'/g)].map(([, literal]) => literal ?? '')

/** What the type says a value is: a primitive, or one of these words. */
function readType(type: string): 'string' | 'number' | readonly string[] {
  if (type === 'string' || type === 'number') return type
  if (type.startsWith("'")) return literals(type)
  const [, union = ''] = new RegExp(`export type ${type} =((?:\\s*\\|?\\s*'[^']+')+)`).exec(source) ?? []
  const [, first = ''] = /export type RefreshOutcome = (.+)/.exec(source) ?? []
  return [
    ...literals(union || (new RegExp(`export type ${type} = RefreshOutcome`).test(source) ? first : '')),
    ...literals(new RegExp(`export type ${type} = RefreshOutcome(.+)`).exec(source)?.[1] ?? ''),
  ]
}

/** The interface `Attributes`, read from its source: a type is gone when tests run. */
const declared = new Map(
  [
    ...(/export interface Attributes \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '').matchAll(/^ {2}'([^']+)'\?: (.+)$/gm),
  ].map(([, key = '', type = '']) => [key, readType(type)]),
)

/** The attributes of a record that the interface does not allow. */
function findStrangers({ attributes }: AuthRecord): string[] {
  return Object.entries(attributes)
    .filter(([key, value]) => {
      const type = key.startsWith('authflight.wait.outcomes.') ? 'number' : declared.get(key)
      if (type === 'number') return typeof value !== 'number' || !Number.isFinite(value)
      if (type === 'string') return typeof value !== 'string' || !/^[\w.-]{1,64}$/.test(value)
      return !type?.includes(value as string)
    })
    .map(([key, value]) => `${key}=${value}`)
}

test('the interface is read whole', () => {
  expect(declared.size).toBeGreaterThan(30)
  expect(declared.get('authflight.refresh.outcome')).toEqual([
    'rotated',
    'renewed',
    'adopted',
    'discarded',
    'rejected',
    'failed',
  ])
  expect(declared.get('authflight.wait.outcome')).toContain('left')
  expect(declared.get('authflight.wait.outcome')).toContain('rotated')
  expect(declared.get('authflight.discard.reason')).toEqual(['signed_out', 'replaced', 'cleared'])
  for (const type of declared.values()) expect(type.length).toBeGreaterThan(0)
})

test('records carry declared attributes only, each of its type, whatever happens', async () => {
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

  const one = await openTab(server)
  await signIn(one)
  const two = await openTab(server)
  await two.getSession()
  await Promise.all([one.refreshSession(), two.refreshSession()])
  await vi.waitFor(() => expect(two.getSnapshot()).toMatchObject({ session: { revision: 2 } }))
  await one.signOut()
  await vi.waitFor(() => expect(two.getSnapshot()).toMatchObject({ reason: 'other_tab' }))

  expect(new Set(records.map(({ name }) => name)).size).toBeGreaterThan(10)
  expect(records.flatMap(findStrangers)).toEqual([])
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
