import { context, ROOT_CONTEXT, type Span as ApiSpan, trace } from '@opentelemetry/api'
import { oauthFailure } from '@authflight/testing'
import { expect, test } from 'vitest'
import { oauth, type OAuthSignIn } from '../../src/providers/oauth.ts'
import type { Provider, ProviderContext, TokenSet } from '../../src/providers/provider.ts'
import { type Client, setUp } from '../support/app.ts'
import { recordAll, type Seen, startSdk } from '../support/observe.ts'

/** The outcome of each call of one kind, with its scope or method. */
const outcomes = (operations: readonly Seen[]) =>
  operations.map(({ attributes, status }) => [
    attributes['authflight.sign_in.method'] ?? attributes['authflight.sign_out.scope'] ?? null,
    attributes['authflight.call.outcome'],
    status,
  ])

const tokens: TokenSet = {
  accessToken: 'at-1',
  tokenType: 'bearer',
  expiresIn: 60,
  refreshToken: 'rt-1',
  refreshExpiresIn: null,
  scopes: null,
  user: { id: 'u1', claims: {} },
}
const methods = ({ signIn, changeUser }: ProviderContext) => ({
  enter: () => signIn(async () => ({ kind: 'tokens', tokens })),
  rename: () => changeUser(async () => ({ kind: 'user', user: { id: 'u1', name: 'Ada', claims: {} } })),
})

test('each call of an app’s has a span below the caller, in records too', async () => {
  const { spans, within } = startSdk()
  const recorded = recordAll()
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const { span, result } = within(() =>
    Promise.all([auth.getUser(), auth.setSession({ accessToken: 'at' }, { add: true })]),
  )
  await result
  await auth.signOut({ otelContext: trace.setSpan(ROOT_CONTEXT, span) })

  const parent = span.spanContext().spanId
  for (const name of ['authflight.get_user', 'authflight.set_session', 'authflight.sign_out']) {
    expect(
      spans(name).map(({ parentId }) => parentId),
      name,
    ).toEqual([parent])
    expect(
      recorded.operations(name as never).map(({ id }) => id),
      name,
    ).toEqual(spans(name).map(({ id }) => id))
  }
})

test.each<[string, (auth: Client, callback: string, sdk: ReturnType<typeof startSdk>) => Promise<ApiSpan>]>([
  [
    'that its caller gives',
    async (auth, callback, { within }) => {
      const { span } = within(() => null)
      await auth.handleRedirect(callback, { otelContext: trace.setSpan(ROOT_CONTEXT, span) })
      return span
    },
  ],
  [
    'of its caller, also where that is lost after an await',
    async (auth, callback, { within }) => {
      const { span, result } = within(() => auth.handleRedirect(callback))
      context.disable()
      await result
      return span
    },
  ],
])('a callback is finished below the context %s', async (_, finish) => {
  const sdk = startSdk()
  const { server, createClient } = setUp()
  const auth = createClient()
  const callback = await server.authorize((await auth.signIn()).data.url ?? '')
  sdk.exporter.reset()
  const span = await finish(auth, callback, sdk)
  const [signIn, ...others] = sdk.spans('authflight.sign_in')
  expect([signIn?.parentId, others]).toEqual([span.spanContext().spanId, []])
  expect(sdk.spans('authflight.token_request').map(({ parentId }) => parentId)).toEqual([signIn?.id])
})

test('a sign-in is told when it begins, when it comes back, and when a provider brings it at once', async () => {
  const recorded = recordAll()
  const { server, createClient, signIn } = setUp()
  const base = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  const provider: Provider<OAuthSignIn, ReturnType<typeof methods>> = { ...base, methods }
  const auth = createClient({ provider }) as ReturnType<typeof createClient> & ReturnType<typeof methods>
  await signIn(auth)
  server.faults.next(oauthFailure('server_error'))
  const { data } = await auth.signIn()
  server.faults.next(oauthFailure('canary'), { grant: 'authorization_code' })
  await auth.handleRedirect(await server.authorize(data.url ?? ''))
  await auth.enter()
  await auth.rename()
  expect(outcomes(recorded.operations('authflight.sign_in'))).toEqual([
    ['start', 'done', 'unset'],
    ['callback', 'done', 'unset'],
    ['start', 'done', 'unset'],
    ['callback', 'failed', 'error'],
    ['provider', 'done', 'unset'],
  ])
  expect(
    recorded.named('authflight.record.event').map(({ attributes }) => attributes['authflight.event.name']),
  ).toContain('USER_UPDATED')
})

test('a sign-out says what is to end at the server, and what came of it', async () => {
  const recorded = recordAll()
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  await auth.signOut({ scope: 'others' })
  await auth.signOut({ scope: 'global' })
  await auth.signOut({ scope: 'everything' as 'local' })
  expect(outcomes(recorded.operations('authflight.sign_out'))).toEqual([
    ['others', 'failed', 'error'],
    ['global', 'done', 'unset'],
  ])
})

test('a caller that leaves, or whose patience ends, ends its call so; one that a sign-out overtook is discarded', async () => {
  const recorded = recordAll()
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const { data } = await auth.exportSession()
  const dead = { accessToken: 'at', refreshToken: 'unknown', expiresAt: 1 }
  const hasty = createClient({ patience: 30 })
  await hasty.getSession()
  const gate = server.hold({ when: 'before', grant: 'refresh_token' })
  const leave = new AbortController()
  const leaving = hasty.setSession(dead, { signal: leave.signal })
  leave.abort()
  await leaving
  await hasty.setSession(dead)
  gate.release()
  await auth.signOut()
  await auth.setSession(data.tokens ?? dead)
  expect(outcomes(recorded.operations('authflight.set_session'))).toEqual([
    [null, 'left', 'unset'],
    [null, 'timeout', 'unset'],
    [null, 'discarded', 'unset'],
  ])
})

test('a client that is disposed says how many flights go on', async () => {
  const recorded = recordAll()
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  auth.dispose()
  auth.dispose()
  gate.release()
  await refreshing
  expect(recorded.operations('authflight.dispose').map(({ attributes }) => attributes)).toEqual([
    { 'authflight.dispose.pending_flights': 1 },
  ])
})

test.each(['a text', 7, {}])('an `otelContext` that is none (%j) harms no call', async (given) => {
  startSdk()
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const call = { otelContext: given as never }
  expect(await auth.getUser(call)).toEqual(await auth.getUser())
  expect((await auth.signOut(call)).error).toBeNull()
  expect(context.active()).toBe(ROOT_CONTEXT)
})
