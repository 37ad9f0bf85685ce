import { BroadcastChannel } from 'node:worker_threads'
import { alterAnswer, blocked, loseAnswer, oauthFailure } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { findCanaries } from '../../../../scripts/lib/canaries.mjs'
import { type AuthRecord, isAuthError, recorderHook } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { startSdk } from '../support/observe.ts'

test('no record, error, broadcast or log holds a token, a subject or an e-mail address', async () => {
  const output: string[] = []
  const say = (...said: unknown[]): void => void output.push(JSON.stringify(said, readable))
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const spy = vi.spyOn(console, method).mockImplementation(say)
    onTestFinished(() => spy.mockRestore())
  }
  const channel = new BroadcastChannel('authflight:default')
  channel.onmessage = (message: unknown) => say((message as { data: unknown }).data)
  onTestFinished(() => channel.close())
  const records: AuthRecord[] = []
  onTestFinished(recorderHook().subscribe((source) => void source.subscribe((record) => void records.push(record))))

  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  auth.onAuthStateChange((event, _session, details) => say(event, details))
  await signIn(auth, 'ada')
  await auth.refreshSession()
  server.faults.next(blocked(), { grant: 'refresh_token' })
  say((await auth.refreshSession()).error)
  say((await auth.refreshSession()).error)
  await signIn(auth, 'grace')
  const gate = server.hold({ when: 'after', user: 'grace', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await auth.signOut()
  gate.release()
  say((await refreshing).error)
  await signIn(auth, 'ada')
  server.faults.next(loseAnswer())
  say((await auth.refreshSession()).error)
  server.revokeSessions()
  say((await auth.refreshSession()).error)
  say((await auth.handleRedirect('https://app.example.test/?code=x&state=y')).error)
  output.push(JSON.stringify(records))

  expect(records.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'authflight.refresh',
      'authflight.token_request',
      'authflight.discard',
      'authflight.session_end',
    ]),
  )
  expect(await server.leaksIn(output.join('\n'))).toEqual([])
  // Nor the first eight characters of one.
  expect(output.flatMap((text) => findCanaries('what was told', { text }))).toEqual([])
})

test.each(['canary_access\nx', 'canary_accéss', ' canary_access', '\u0000canary_access'])(
  'an access token that no header takes (%j) is no session, and no error quotes it',
  async (token) => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    const broken = alterAnswer((body) => ({ ...body, access_token: token }))
    server.faults.next(broken, { grant: 'authorization_code' })
    await expect(signIn(auth)).rejects.toSatisfy((error) => isQuiet(error) && isAuthError(error))
    const before = await signIn(auth)
    server.faults.next(broken, { grant: 'refresh_token' })

    const { data, error } = await auth.refreshSession()

    expect(error?.code).toBe('malformed_response')
    expect(error).toSatisfy(isQuiet)
    expect(data.session).toBe(before)
  },
)

test.each(['invalid_grant', 'invalid_client', 'invalid_scope', 'invalid_request', 'canary_error'])(
  'what a server says in its own words with %s is in no error, record, span or event',
  async (code) => {
    const { exporter } = startSdk()
    const said: unknown[] = []
    onTestFinished(recorderHook().subscribe((source) => void source.subscribe((record) => void said.push(record))))
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    auth.onAuthStateChange((event, _session, details) => said.push([event, details]))
    await signIn(auth)
    server.faults.next(oauthFailure(code, { description: 'canary.ada@example.test has been here' }))

    const { error } = await auth.refreshSession()

    expect(isAuthError(error)).toBe(true)
    const spans = exporter
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => [name, attributes, events, status])
    expect(JSON.stringify([spans, said])).toContain('authflight.oauth.error')
    expect([error, said, spans]).toSatisfy(isQuiet)
  },
)

const isQuiet = (error: unknown): boolean => !JSON.stringify([error], readable).includes('canary')

test('what is on globalThis gives records only', () => {
  const hook = recorderHook()
  expect(Object.keys(hook).toSorted()).toEqual(['register', 'subscribe', 'v'])
  expect(Object.isFrozen(hook)).toBe(true)
})

const readable = (_key: string, value: unknown): unknown =>
  value instanceof Error ? Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]) : value
