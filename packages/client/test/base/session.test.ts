import { alterAnswer } from '@authflight/testing'
import { expect, test } from 'vitest'
import { AuthError, memoryStore } from '../../src/index.ts'
import { type AuthSnapshot, reduce, type Session } from '../../src/base/session.ts'
import { setUp } from '../support/app.ts'

const createSession = (revision: number): Session => ({
  accessToken: 'a',
  tokenType: 'bearer',
  expiresAt: null,
  scopes: [],
  user: null,
  account: 'account',
  sessionId: 'session',
  revision,
})
const session = createSession(1)
const error = new AuthError('server_error', 'busy')

const restoring: AuthSnapshot = { status: 'restoring' }
const signedIn: AuthSnapshot = { status: 'signed-in', session }
const stale: AuthSnapshot = { status: 'stale', session, error, retryAt: 5 }
const signedOut: AuthSnapshot = { status: 'signed-out', reason: 'expired' }
const all = [restoring, signedIn, stale, signedOut]

test.each(all)('a session that is held signs in, from $status', (before) => {
  const next = createSession(2)
  expect(reduce(before, { type: 'held', session: next })).toEqual({ status: 'signed-in', session: next })
})

test.each(all)('a failure with a dead token makes it stale and keeps the session, from $status', (before) => {
  expect(reduce(before, { type: 'failed', session, error, retryAt: null })).toEqual({
    status: 'stale',
    session,
    error,
    retryAt: null,
  })
})

test.each([restoring, signedIn, stale])(
  'an end signs out with its reason and keeps no session, from $status',
  (before) => {
    expect(reduce(before, { type: 'ended', reason: 'user' })).toEqual({ status: 'signed-out', reason: 'user' })
  },
)

test('the same session held again is the same snapshot, so that nothing renders', () => {
  expect(reduce(signedIn, { type: 'held', session })).toBe(signedIn)
})

test('a new object of the same session is news', () => {
  expect(reduce(signedIn, { type: 'held', session: createSession(1) })).not.toBe(signedIn)
})

test('a second end changes nothing: the first reason stays', () => {
  expect(reduce(signedOut, { type: 'ended', reason: 'user' })).toBe(signedOut)
})

test('an app that changes what it is given changes nothing that is stored', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  server.faults.next(
    alterAnswer((body) => ({ ...body, scope: 'openid email' })),
    { grant: 'authorization_code' },
  )
  const session = await signIn(createClient({ storage }))
  const before = JSON.stringify(session)
  for (const part of [session, session.scopes, session.user, session.user?.claims])
    expect(Object.isFrozen(part)).toBe(true)
  expect(() => (session.scopes as string[]).push('admin')).toThrow(TypeError)
  expect(() => Object.assign(session.user ?? {}, { id: 'another' })).toThrow(TypeError)
  expect(JSON.stringify(session)).toBe(before)
  expect((await createClient({ storage }).getSession()).data.session).toEqual(session)
})
