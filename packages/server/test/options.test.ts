import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createRefreshCoordinator, memoryEngine, type SharedEngine } from '../src/index.ts'
import { checkOptions } from '../src/options.ts'

const least = { issuer: 'https://id.example.test', clientId: 'web' }
const shared: SharedEngine = { ...memoryEngine(), scope: 'cluster' }

test('the defaults are those of the docs', () => {
  expect(checkOptions(least)).toEqual({
    ...least,
    engine: null,
    pepper: null,
    profile: 'unknown',
    resultTtl: 10_000,
    patience: 11_000,
    requestLimit: 10_000,
    terminal: { invalid_grant: 'rejected' },
    revoke: null,
  })
})

test('by default a caller waits longer than a request may take', () => {
  expect(checkOptions({ ...least, requestLimit: 60_000 }).patience).toBe(61_000)
})

test('a pepper is text or bytes, 32 of them at least', () => {
  expect(checkOptions({ ...least, engine: shared, pepper: 'é'.repeat(16) }).pepper).toHaveLength(32)
  expect(checkOptions({ ...least, engine: shared, pepper: new Uint8Array(40) }).pepper).toHaveLength(40)
})

test('a pepper may be of another realm, and a part of other bytes', () => {
  const pepper = runInNewContext('Uint8Array.from({ length: 64 }, (_, n) => n).subarray(30)') as Uint8Array
  const bytes = checkOptions({ ...least, engine: shared, pepper }).pepper
  expect([bytes?.length, bytes?.[0]]).toEqual([34, 30])
})

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /takes an object/],
  ['an unknown name', { ...least, resultTTL: 1 }, /no option `resultTTL`.*resultTtl/],
  ['no issuer', { clientId: 'web' }, /`issuer` is missing/],
  ['no client id', { issuer: 'https://id.example.test', clientId: '' }, /`clientId` is missing/],
  ['a profile that is none', { ...least, profile: 'strict' }, /`profile` takes 'idempotent'/],
  ['an engine that is none', { ...least, engine: {} }, /`engine` is no engine/],
  ['null for an engine', { ...least, engine: null }, /`engine` is no engine/],
  ['an engine that is shared and no pepper', { ...least, engine: shared }, /`pepper` is missing/],
  ['a short pepper', { ...least, engine: shared, pepper: 'p'.repeat(31) }, /at least 32 bytes/],
  ['a pepper that is none', { ...least, pepper: 7 }, /at least 32 bytes/],
  ['a result that is kept for too long', { ...least, resultTtl: 60_001 }, /`resultTtl`.*up to 60000/],
  ['a result that is not kept', { ...least, resultTtl: 0 }, /`resultTtl`/],
  ['a result time that is no number', { ...least, resultTtl: '10' }, /`resultTtl`/],
  ['no patience', { ...least, patience: Number.NaN }, /`patience`/],
  ['endless patience', { ...least, patience: Infinity }, /`patience`/],
  ['a request that may take for ever', { ...least, requestLimit: 60_001 }, /`requestLimit`/],
  ['terminal codes that are none', { ...least, terminal: 'invalid_grant' }, /`terminal`/],
  ['a revocation that is none', { ...least, revoke: true }, /`revoke`/],
])('%s is refused by name', (_, options, sentence) => {
  const create = () => createRefreshCoordinator(options as never)
  expect(create).toThrow(expect.objectContaining({ code: 'invalid_option' }) as Error)
  expect(create).toThrow(sentence)
})

test('a pepper that is refused is not shown', () => {
  expect(() => createRefreshCoordinator({ ...least, pepper: 'canary' })).not.toThrow(/canary/)
})

test.each([
  ['no text', undefined],
  ['nothing', ''],
])('the end of a session that is %s is refused', async (_, session) => {
  await expect(createRefreshCoordinator(least).end(session as string)).rejects.toMatchObject({ code: 'invalid_option' })
})

test.each([null, 5, 'ttl'])('%o for the options of an end is refused', async (options) => {
  await expect(createRefreshCoordinator(least).end('session', options as never)).rejects.toMatchObject({
    code: 'invalid_option',
  })
})

test.each([undefined, 'block', {}])('%o for a block is refused', async (block) => {
  const coordinator = createRefreshCoordinator(least)
  await expect(coordinator.synchronize('token', block as never)).rejects.toMatchObject({ code: 'invalid_option' })
  expect(coordinator.entryCount).toBe(0)
})

test.each([0, -1, Number.NaN, Infinity, '10'])('a tombstone for %o milliseconds is refused', async (ttl) => {
  await expect(createRefreshCoordinator(least).end('session', { ttl: ttl as number })).rejects.toMatchObject({
    code: 'invalid_option',
  })
})

test('with a shared engine a session is asked for, in the types and at run time', async () => {
  const coordinator = createRefreshCoordinator({ ...least, engine: shared, pepper: 'p'.repeat(32) })
  const ask = async (): Promise<never> => {
    throw new Error('never asked')
  }
  // @ts-expect-error -- no options
  await expect(coordinator.refresh('token', ask)).rejects.toMatchObject({ code: 'invalid_option' })
  // @ts-expect-error -- no session
  await expect(coordinator.refresh('token', ask, {})).rejects.toMatchObject({ code: 'invalid_option' })
  // @ts-expect-error -- no pepper
  expect(() => createRefreshCoordinator({ ...least, engine: shared })).toThrow('`pepper` is missing')
})
