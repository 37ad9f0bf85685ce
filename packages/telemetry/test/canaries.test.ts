import { createHash } from 'node:crypto'
import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { createAuthServer, loseAnswer, oauthFailure } from '@authflight/testing'
import { serve } from '@authflight/testing/node'
import { metrics, trace } from '@opentelemetry/api'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { findLeaks, type Secret } from '../../testing/src/leaks.ts'
import { startTelemetry } from '../src/node.ts'
import { startReceiver } from './support/receiver.ts'

/** What the server does not know of; it has its tokens, codes, subjects and e-mail addresses, which begin in the same way. */
const words = {
  text: 'canary.text: ada has been here',
  error: 'canary_error',
  serverPath: 'canary_server',
  pagePath: 'canary_page',
  query: 'canary_query',
  storageKey: 'canary_name',
  fault: 'canary.fault: no room',
}
const beginnings = ['canary_refresh', 'canary_access', 'canary_code', 'canary_sub', 'canary.ada']

/** As one text: what stands in the bytes as it is, and in hex what is binary, such as a digest. */
const readable = (bodies: readonly Buffer[]): string =>
  bodies.map((body) => `${body.toString('latin1')}\n${body.toString('hex')}`).join('\n')

/** Which secrets stand in exported bytes, whole or by their first eight characters, in any disguise. */
function leaksIn(bodies: readonly Buffer[], secrets: Readonly<Record<string, string>>): Promise<string[]> {
  const whole: Secret[] = Object.entries(secrets).map(([id, value]) => ({ id, value }))
  const begun = new Set([...beginnings, ...Object.values(secrets)].map((value) => value.slice(0, 8)))
  return findLeaks(readable(bodies), [...whole, ...[...begun].map((value) => ({ id: `${value}…`, value }))])
}

async function begin(protocol: 'http/protobuf' | 'http/json') {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
  const receiver = await startReceiver()
  onTestFinished(receiver.stop)
  const telemetry = startTelemetry({ serviceName: 'shop', endpoint: receiver.url, protocol })
  onTestFinished(telemetry.shutdown)
  return { receiver, telemetry }
}

/** A storage that a test can fill up. Its error quotes what it was to take, as some do. */
function createStorage() {
  const entries = new Map<string, string>()
  const storage = {
    isFull: false,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem(key: string, text: string) {
      if (storage.isFull) throw new Error(`${words.fault} for ${key}: ${text}`)
      entries.set(key, text)
    },
    removeItem: (key: string) => void entries.delete(key),
  }
  return storage
}

/** A client on a real server: signs in, is refused, refreshes alone and with others, cannot store, is overtaken and signs out. */
async function play() {
  const server = createAuthServer({ issuer: `https://id.example.test/${words.serverPath}`, profile: 'strict' })
  const served = await serve(server)
  onTestFinished(served.close)
  const storage = createStorage()
  const redirectUri = `https://app.example.test/${words.pagePath}`
  const auth = createAuthClient({
    provider: oauth({ issuer: served.url, clientId: 'spa', redirectUri }),
    storage,
    name: words.storageKey,
    autoRefresh: 'off',
    redirect: 'manual',
    fetchOrigins: [new URL(served.url).origin],
  })
  onTestFinished(() => auth.dispose())
  const asked: string[] = []
  const signIn = async (): Promise<void> => {
    const { data } = await auth.signIn()
    asked.push(data.url ?? '')
    const { error } = await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))
    expect(error).toBeNull()
  }
  const refuse = (error: string): void =>
    server.faults.next(oauthFailure(error, { description: words.text }), { grant: 'refresh_token' })

  await signIn()
  server.expireAccessTokens()
  const answer = await auth.fetch(`${served.url}/userinfo?secret=${words.query}`)
  expect(answer.status).toBe(200)
  await Promise.all([auth.refreshSession(), auth.refreshSession()])
  await auth.getUser()
  // After a refusal that does not end the session the client waits; a new sign-in does not.
  for (const error of [words.error, 'invalid_client', 'invalid_grant']) {
    refuse(error)
    expect((await auth.refreshSession()).error).not.toBeNull()
    await signIn()
  }
  storage.isFull = true
  await auth.refreshSession()
  storage.isFull = false
  await signIn()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const overtaken = auth.refreshSession()
  await gate.arrived
  server.faults.next(oauthFailure(words.error, { description: words.text }), { endpoint: 'revocation' })
  await auth.signOut()
  gate.release()
  await overtaken
  await signIn()
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  await auth.refreshSession()
  await auth.setSession({ accessToken: words.text, refreshToken: words.query })
  await auth.signOut({ scope: 'global' })

  const ours = asked.flatMap((url, at) =>
    // A state begins with who has made it, which is no secret.
    ['state', 'nonce', 'code_challenge'].map((name) => [
      `${name} ${at}`,
      new URL(url).searchParams.get(name)?.replace('authflight-spa-', '') ?? '',
    ]),
  )
  return { server, secrets: { ...words, ...(Object.fromEntries(ours) as Record<string, string>) } }
}

describe.each(['http/protobuf', 'http/json'] as const)('in the bytes of %s', (protocol) => {
  test('no secret of a client stands, whole, begun or in disguise', async () => {
    const { receiver, telemetry } = await begin(protocol)
    const { server, secrets } = await play()
    await telemetry.flush()

    expect(await server.leaksIn(readable(receiver.bodies))).toEqual([])
    expect(await leaksIn(receiver.bodies, secrets)).toEqual([])
    expect(new Set(receiver.spans().map(({ name }) => name))).toEqual(
      new Set(
        [
          'sign_in',
          'refresh',
          'token_request',
          'wait',
          'get_user',
          'discard',
          'session_end',
          'sign_out',
          'storage',
          'set_session',
        ].map((name) => `authflight.${name}`),
      ),
    )
    expect(receiver.metrics().map(({ name }) => name)).toContain('authflight.refresh.duration')
  })

  test.each<[string, (secret: string) => string]>([
    ['raw', (secret) => `Bearer ${secret}`],
    ['base64', (secret) => Buffer.from(`:${secret}`).toString('base64')],
    ['base64url', (secret) => Buffer.from(`a:${secret}`).toString('base64url')],
    ['hex', (secret) => Buffer.from(secret).toString('hex')],
    ['sha-256', (secret) => createHash('sha256').update(secret).digest('hex')],
    ['sha-256, base64url', (secret) => createHash('sha256').update(secret).digest('base64url')],
    ['its beginning', (secret) => secret.slice(0, 8)],
  ])('one that is told is found: %s', async (_, disguise) => {
    const { receiver, telemetry } = await begin(protocol)
    const secret = 'another_secret'
    const told = { told: disguise(secret) }
    trace.getTracer('app').startSpan('span', { attributes: told }).end()
    await telemetry.flush()
    expect(await leaksIn(receiver.bodies, { secret })).not.toEqual([])
    receiver.bodies.length = 0
    metrics.getMeter('app').createCounter('calls').add(1, told)
    await telemetry.flush()
    expect(await leaksIn(receiver.bodies, { secret })).not.toEqual([])
  })
})
