import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { AuthRetryableFetchError } from '../../packages/client/src/base/errors.ts'
import { recorderHook } from '../../packages/client/src/telemetry/hook.ts'
import type { AuthRecord } from '../../packages/client/src/telemetry/record.ts'
import { heard } from './heard-spans.ts'
import { listen } from './listen.ts'

const secret = 'canary_refresh_3f9a'
let leaks: ReadonlySet<string>
const hashed: Record<'hex' | 'base64url', string> = { hex: '', base64url: '' }

beforeAll(async () => {
  leaks = listen()
  // As the client makes the name of a token's flight.
  const text = new TextEncoder().encode(`https://id.example.test ${secret}`)
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', text))
  hashed.hex = digest.toString('hex')
  hashed.base64url = digest.toString('base64url')
})
beforeEach(() => {
  ;(leaks as Set<string>).clear()
  for (const method of ['log', 'warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => {})
})

/** As a client's ring tells one record. */
function record(attributes: object): void {
  const told = { name: 'authflight.refresh', attributes } as AuthRecord
  recorderHook().register({ tab: '', snapshot: () => [], subscribe: (listener) => (listener(told), () => {}) })
}

function broadcast(message: unknown): void {
  const channel = new BroadcastChannel('authflight:default')
  channel.postMessage(message)
  channel.close()
}

/** As the client makes an error, which no test has to look at. */
async function fail(message: string): Promise<void> {
  expect(new AuthRetryableFetchError('network', message)).toBeInstanceOf(AuthRetryableFetchError)
  await Promise.resolve()
}

const askForLock = (name: string): Promise<void> => navigator.locks.request(name, () => {})

const ways: [string, (told: string) => unknown, string][] = [
  [
    'a record',
    (told) => record({ 'server.address': told }),
    'authflight.refresh has a secret in attributes server.address',
  ],
  [
    'a span',
    (told) => heard.onEnd({ name: 'authflight.wait', attributes: { 'error.type': told } } as never),
    'authflight.wait has a secret in attributes error.type',
  ],
  ['console', (told) => console.warn('It went wrong', told), 'console.warn has a secret in 0 1'],
  ['console, as an error', (told) => console.error(new Error(told)), 'console.error has a secret in 0 0 message'],
  ['an error', (told) => fail(told), 'an error has a secret in 0 message'],
  ['a broadcast', (told) => broadcast({ v: 1, kind: told }), 'a broadcast has a secret in message 0 kind'],
  ['the name of a lock', (told) => askForLock(`authflight:${told}`), 'a lock has a secret in name'],
]

describe.each(ways)('what is told by %s', (_, tell, leak) => {
  test.each<[string, () => string]>([
    ['as it is', () => secret],
    ['by its first eight characters', () => secret.slice(0, 8)],
    ['in base64url', () => Buffer.from(secret).toString('base64url')],
    ['hashed, in hex', () => hashed.hex],
    ['hashed, by the first of its characters', () => hashed.hex.slice(0, 20)],
    ['hashed, in base64url', () => hashed.base64url],
  ])('is found %s', async (__, disguise) => {
    await tell(disguise())
    expect([...leaks]).toContain(leak)
  })

  test('is left alone where it is no secret', async () => {
    await tell('3f9a1c07be42')
    expect([...leaks]).toEqual([])
  })
})

test('a spy on console is still one, and what it stands for is written', () => {
  const write = vi.spyOn(console, 'log').mockImplementation(() => {})
  console.log('heard')
  expect(console.log).toHaveBeenCalledExactlyOnceWith('heard')
  write.mockRestore()
  expect(vi.isMockFunction(console.log)).toBe(false)
})
