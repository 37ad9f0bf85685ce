import { alterAnswer, blocked, loseAnswer, oauthFailure } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { findCanaries } from '../../../../scripts/lib/canaries.mjs'
import { type AuthRecord, isAuthError, type RecorderHook, recorderHook, type RecordSource } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { startSdk } from '../support/observe.ts'
import { openTab } from '../support/tabs.ts'

/** What was on `globalThis` before there was a client. */
const surroundings = new Set(Reflect.ownKeys(globalThis))
surroundings.delete(Symbol.for('authflight.recorder'))

test('no record, error, broadcast or log holds a token, a subject or an e-mail address', async () => {
  const output: string[] = []
  const say = (...said: unknown[]): void => void output.push(JSON.stringify(said, readable))
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const spy = vi.spyOn(console, method).mockImplementation(say)
    onTestFinished(() => spy.mockRestore())
  }
  const channel = new BroadcastChannel('authflight:default')
  const heard: unknown[] = []
  channel.onmessage = ({ data }) => {
    heard.push(data)
    say(data)
  }
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

  await vi.waitFor(() => expect(heard).not.toEqual([]))
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

test('what is on globalThis gives records only: no other value, and no way to one', async () => {
  const { server, signIn } = setUp()
  const aFunction = expect.any(Function)
  const key = Symbol.for('authflight.recorder')
  const standing = Object.getOwnPropertyDescriptor(globalThis, key)
  Reflect.deleteProperty(globalThis, key)
  onTestFinished(() => void Object.defineProperty(globalThis, key, standing ?? {}))
  const auth = await openTab(server)
  await signIn(auth)
  expect((await auth.refreshSession()).error).toBeNull()
  // By all clients of this process. What is named here is the database's and the SDK's of other tests.
  const others: readonly PropertyKey[] = ['IDBKeyRange', Symbol.for('opentelemetry.js.api.1')]
  const made = Reflect.ownKeys(globalThis).filter((name) => !surroundings.has(name) && !others.includes(name))
  expect(made).toEqual([key])

  const hook: RecorderHook = Reflect.get(globalThis, key)
  expect(Object.isFrozen(hook)).toBe(true)
  expect(leavesOf(hook)).toEqual({ v: 1, register: aFunction, subscribe: aFunction })

  const [told, recorded]: [unknown[][], unknown[][]] = [[], []]
  const leave = hook.subscribe((...words: unknown[]) => void told.push(words))
  expect(leavesOf(leave)).toEqual({ '': aFunction })
  const source = told[0]?.[0] as RecordSource
  expect(told).toEqual([[source]])
  expect(leavesOf(source)).toEqual({ tab: expect.any(String), snapshot: aFunction, subscribe: aFunction })
  source.subscribe((...words: unknown[]) => void recorded.push(words))
  expect((await auth.refreshSession()).error).toBeNull()
  expect(recorded.length).toBeGreaterThan(0)
  expect(recorded.filter((words) => words.length > 1)).toEqual([])

  const leaves = leavesOf([source.snapshot(), recorded])
  expect(Object.values(leaves).filter((leaf) => Object(leaf) === leaf)).toEqual([])
  expect(await server.leaksIn(JSON.stringify([source.tab, leaves]))).toEqual([])
  expect(findCanaries('what is on globalThis', { tab: source.tab, leaves })).toEqual([])
})

/** All that is in a value, by its way there, hidden properties and symbols too: what has no parts, and what is more than its parts. */
function leavesOf(value: unknown, way: readonly string[] = []): Record<string, unknown> {
  const at = way.join('.')
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return { [at]: value }
  const isPlain = [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value))
  const own = Reflect.ownKeys(value).filter((name) => !partsOfAll.includes(name))
  const leaves = own.map((name) => leavesOf(Reflect.get(value, name), [...way, String(name)]))
  return Object.assign(isPlain ? {} : { [at]: value }, ...leaves) as Record<string, unknown>
}

/** What each function has, and each array. */
const partsOfAll: readonly PropertyKey[] = ['length', 'name', 'prototype', 'arguments', 'caller']

const readable = (_key: string, value: unknown): unknown =>
  value instanceof Error ? Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]) : value
