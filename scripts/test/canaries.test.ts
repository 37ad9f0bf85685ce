import { describe, expect, test } from 'vitest'
import { findCanaries } from '../lib/canaries.mjs'

const secrets = ['canary_refresh_3f9a', 'canary.ada@example.test', 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln']
const inHex = (secret: string): string[] => {
  const hex = Buffer.from(secret).toString('hex')
  return [hex, hex.toUpperCase()]
}
const inBase64 = (encoding: 'base64' | 'base64url') => (secret: string) =>
  ['', 'x', 'xy'].map((before) => Buffer.from(before + secret).toString(encoding))

describe.each<[string, (secret: string) => string[]]>([
  ['raw', (secret) => [`Bearer ${secret}`]],
  ['in base64', inBase64('base64')],
  ['in base64url', inBase64('base64url')],
  ['in hex', inHex],
  ['by its first eight characters', (secret) => [secret.slice(0, 8)]],
])('a secret is found %s', (_, disguise) => {
  test.each(secrets.flatMap(disguise))('%s', (told) => {
    const found = findCanaries('authflight.refresh', { attributes: { 'server.address': told, other: 1 } })
    expect(found).toEqual(['authflight.refresh has a secret in attributes server.address'])
  })
})

test('it is found where nothing but a name is told, and the sentence does not print it', () => {
  const [secret = ''] = secrets
  const found = [
    ...findCanaries(secret, {}),
    ...findCanaries('authflight.refresh', { attributes: { [secret]: 1 } }),
    ...findCanaries('authflight.refresh', { status: { message: secret } }),
  ]
  expect(found).toHaveLength(3)
  expect(found.join()).not.toContain('canary')
})

test('nothing is found where there is nothing', () => {
  const attributes = {
    'authflight.flight.id': '3f9a1c07be42',
    'server.address': 'id.example.test',
    'server.port': 8443,
  }
  expect(findCanaries('authflight.token_request', { attributes, traceId: '63616e61727'.padEnd(32, '0') })).toEqual([])
})
