import { expect, test } from 'vitest'
import { createKeyring } from '../src/keyring.ts'

const pepper = new Uint8Array(32).fill(7)
const of = { pepper, issuer: 'https://id.example.test', clientId: 'web' }
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the same token, session and deployment give the same names', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => createKeyring(of).lockerOf('token', 'session')))
  expect(one?.place).toEqual(two?.place)
  expect(one?.display).toBe(two?.display)
  expect(one?.place.token).toMatch(/^[0-9a-f]{64}$/)
  expect(one?.place.session).toMatch(/^[0-9a-f]{64}$/)
  expect(one?.display).toMatch(/^[0-9a-f]{12}$/)
})

test('the names are HKDF-SHA-256 of the token under the pepper, with purpose, issuer and client in the info', async () => {
  const { hkdfSync } = await import('node:crypto')
  const { place } = await createKeyring(of).lockerOf('token', 'session')
  const derive = (secret: string, purpose: string) =>
    hex(
      new Uint8Array(
        hkdfSync('sha256', secret, pepper, JSON.stringify(['authflight', 1, purpose, of.issuer, of.clientId]), 32),
      ),
    )
  expect(place.token).toBe(derive('token', 'token'))
  expect(place.session).toBe(derive('session', 'session'))
})

test('what is sealed is AES-256-GCM: version, a nonce of 12 bytes, and what Node opens with the derived key', async () => {
  const { createDecipheriv, hkdfSync } = await import('node:crypto')
  const sealed = await (await createKeyring(of).lockerOf('token', 'session')).seal('a letter')
  const info = (purpose: string) => JSON.stringify(['authflight', 1, purpose, of.issuer, of.clientId])
  const key = new Uint8Array(hkdfSync('sha256', 'token', pepper, info('seal'), 32))
  const keyId = hex(new Uint8Array(hkdfSync('sha256', pepper, '', info('pepper'), 4)))
  const opener = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13))
  opener.setAAD(Buffer.from(JSON.stringify(['authflight', 1, keyId, of.issuer, of.clientId])))
  opener.setAuthTag(sealed.subarray(-16))
  expect(sealed[0]).toBe(1)
  expect(Buffer.concat([opener.update(sealed.subarray(13, -16)), opener.final()]).toString()).toBe('a letter')
})

test.each([
  ['another token', of, 'token 2', 'session'],
  ['another pepper', { ...of, pepper: new Uint8Array(32).fill(8) }, 'token', 'session'],
  ['another issuer', { ...of, issuer: 'https://other.example.test' }, 'token', 'session'],
  ['another client', { ...of, clientId: 'other' }, 'token', 'session'],
])('%s has other names, and opens nothing', async (_, other, token, session) => {
  const ours = await createKeyring(of).lockerOf('token', 'session')
  const theirs = await createKeyring(other).lockerOf(token, session)
  expect(theirs.place.token).not.toBe(ours.place.token)
  expect(await theirs.open(await ours.seal('a letter'))).toBeNull()
})

test('the tokens of one session stand together, and their names do not tell what they are', async () => {
  const keyring = createKeyring(of)
  const [one, two] = await Promise.all([keyring.lockerOf('token 1', 'session'), keyring.lockerOf('token 2', 'session')])
  expect(one.place.session).toBe(two.place.session)
  expect(await keyring.sessionOf('session')).toEqual({ name: one.place.session, display: one.display })
  // Of one text in two roles different things are made.
  const same = await keyring.lockerOf('session', 'session')
  expect(new Set([same.place.session, same.place.token, (await keyring.sessionOf('session')).display]).size).toBe(3)
})

test('a token without a session stands for one of its own', async () => {
  const keyring = createKeyring(of)
  const [one, two] = await Promise.all([keyring.lockerOf('token 1', null), keyring.lockerOf('token 2', null)])
  expect(one.place.session).not.toBe(two.place.session)
})

test('what was sealed opens, never looks the same twice, and shows nothing', async () => {
  const locker = await createKeyring(of).lockerOf('token', 'session')
  const [one, two] = await Promise.all([locker.seal('canary ☂'), locker.seal('canary ☂')])
  expect(await locker.open(one)).toBe('canary ☂')
  expect(hex(one)).not.toBe(hex(two))
  expect(Buffer.from(one).toString('latin1')).not.toContain('canary')
})

test('a letter may be of any length', async () => {
  const locker = await createKeyring(of).lockerOf('token', 'session')
  const letter = 'canary'.repeat(100_000)
  expect((await locker.open(await locker.seal(letter))) === letter).toBe(true)
})

test('a change of any byte is a miss, and so is a piece, another version, or nothing', async () => {
  const locker = await createKeyring(of).lockerOf('token', 'session')
  const sealed = await locker.seal('a letter')
  for (let at = 0; at < sealed.length; at += 1) {
    expect(await locker.open(sealed.with(at, (sealed[at] ?? 0) ^ 1)), `byte ${at}`).toBeNull()
  }
  for (const length of [0, 1, 12, 13, 20, sealed.length - 1]) {
    expect(await locker.open(sealed.slice(0, length)), `${length} bytes`).toBeNull()
  }
})
