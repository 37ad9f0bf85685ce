import { describe, expect, test } from 'vitest'
import type { Minted } from '../../src/slot/minted.ts'
import {
  bind,
  bindingIn,
  bindingOf,
  firstRevision,
  mayWrite,
  parseSlot,
  readShown,
  type SlotRecord,
  timesOf,
  toSession,
  withTokens,
  withUser,
} from '../../src/slot/slot.ts'
import { createRealm, realmAt } from '../support/realm.ts'
import { mintedWith } from '../support/slots.ts'

const now = 1_000_000
const minted = (more: Partial<Minted> = {}): Minted =>
  mintedWith({ accessToken: 'access-1', refreshToken: 'refresh-1', digest: 'digest-1', ...more })
/** What the next answer of a server brings where it names nothing but the access token. */
const bare = (more: Partial<Minted> = {}): Minted =>
  minted({ accessToken: 'access-2', refreshToken: null, expiresIn: null, digest: null, ...more })
const ada = { id: 'ada', name: 'Ada', claims: { visits: 1, locale: 'en' } }
const first = (more: Partial<Minted> = {}): SlotRecord => firstRevision(realmAt(now), minted(more))
/** A JWT, as far as its times go. */
const jwt = (claims: object): string => `header.${btoa(JSON.stringify(claims))}.signature`

describe('the first revision', () => {
  test('holds what the sign-in brought, under ids of its own', () => {
    const secret = 'c0ffee'
    const realm = createRealm({ clock: realmAt(now).clock, secret: () => secret })
    const slot = firstRevision(realm, minted({ scopes: ['openid'], user: ada, identity: 'i' }))
    expect(slot).toMatchObject({
      v: 1,
      sessionId: secret,
      revision: 1,
      tokens: { access: 'access-1', type: 'bearer', refresh: 'refresh-1', expiresAt: now + 60_000, lifetime: 60_000 },
      digest: 'digest-1',
      past: [],
      identity: 'i',
      begun: now,
      scopes: ['openid'],
      user: ada,
      userRevision: 0,
    })
    expect(slot.tokens.refreshExpiresAt).toBeNull()
    expect(slot.display.session).toMatch(/^[0-9a-f]{12}$/)
    expect(slot.display.account).toMatch(/^[0-9a-f]{12}$/)
    expect(slot.display.account).not.toBe(slot.display.session)
  })

  test('has no scopes where none were told', () => {
    expect(first().scopes).toEqual([])
  })
})

describe('the next revision', () => {
  test('keeps what the answer does not name', () => {
    const before = first({
      scopes: ['openid'],
      user: ada,
      identity: 'i',
      refreshExpiresIn: 600,
      idToken: 'id',
      key: { kind: 'key' } as never,
    })
    const next = withTokens(before, bare(), now + 5_000)
    expect(next).toEqual({
      ...before,
      revision: 2,
      tokens: { ...before.tokens, access: 'access-2', expiresAt: null, lifetime: null, receivedAt: now + 5_000 },
    })
    expect(next.tokens.refreshExpiresAt).toBe(now + 600_000)
    expect(next.tokens.key).toEqual({ kind: 'key' })
  })

  test('takes what it names', () => {
    const key = { kind: 'another' } as never
    const next = withTokens(
      first({ scopes: ['openid'], user: ada, key: { kind: 'key' } as never }),
      minted({
        accessToken: 'access-2',
        tokenType: 'DPoP' as never,
        refreshToken: 'refresh-2',
        idToken: 'id-2',
        expiresIn: 30,
        refreshExpiresIn: 20,
        scopes: ['profile'],
        user: { id: 'ada', name: 'Ada Byron', claims: {} },
        digest: 'digest-2',
        key,
      }),
      now,
    )
    expect(next).toMatchObject({
      tokens: {
        access: 'access-2',
        type: 'DPoP',
        refresh: 'refresh-2',
        id: 'id-2',
        expiresAt: now + 30_000,
        lifetime: 30_000,
        refreshExpiresAt: now + 20_000,
        key,
      },
      digest: 'digest-2',
      scopes: ['profile'],
      user: { name: 'Ada Byron' },
    })
  })

  test('does not know how long a new refresh token lives that comes without a time', () => {
    const before = first({ refreshExpiresIn: 600 })
    expect(withTokens(before, bare({ refreshToken: 'refresh-2' }), now).tokens.refreshExpiresAt).toBeNull()
  })

  test('belongs to whom the first one did, and learns it where that was not known', () => {
    expect(withTokens(first({ identity: 'i' }), bare({ identity: 'other' }), now).identity).toBe('i')
    expect(withTokens(first(), bare({ identity: 'i' }), now).identity).toBe('i')
  })

  test('remembers the sixteen tokens before, youngest first, and none that stayed', () => {
    const digests = Array.from({ length: 18 }, (_, at) => `d${at + 2}`)
    let slot = first()
    for (const digest of ['d2', ...digests]) slot = withTokens(slot, bare({ digest }), now)
    expect(slot.past).toEqual(digests.slice(1, -1).toReversed())
    const kept = withTokens(first(), bare(), now)
    expect([kept.digest, kept.past]).toEqual(['digest-1', []])
    // Of each no more than tells it apart.
    const [digest, next] = ['0123456789abcdef'.repeat(4), 'f'.repeat(64)]
    const rotated = withTokens(first({ digest }), bare({ digest: next }), now)
    expect([rotated.digest, rotated.past]).toEqual([next, ['0123456789ab']])
    // A session that has had no refresh token so far has nothing to remember.
    const got = withTokens(first({ refreshToken: null, digest: null }), bare({ digest: 'd2' }), now)
    expect([got.digest, got.past]).toEqual(['d2', []])
  })
})

describe('how long an access token lives', () => {
  const expiryOf = (more: Partial<Minted>): number | null => first(more).tokens.lifetime

  test.each([
    ['`expires_in` from its receipt', { expiresIn: 60, accessToken: jwt({ iat: 0, exp: 10 }) }, 60_000],
    [
      'of a JWT without one, what it was made for',
      { expiresIn: null, accessToken: jwt({ iat: 100, exp: 110 }) },
      10_000,
    ],
    ['of a JWT with a senseless one, the same', { expiresIn: 0, accessToken: jwt({ iat: 100, exp: 110 }) }, 10_000],
    ['of any other token is not known', { expiresIn: null }, null],
    [
      'a hundred years at most, of a JWT as of others',
      { expiresIn: null, accessToken: jwt({ iat: 0, exp: 1e12 }) },
      3_153_600_000_000,
    ],
  ])('%s', (_title, more, lifetime) => {
    expect(expiryOf(more)).toBe(lifetime)
    expect(first(more).tokens.expiresAt).toBe(lifetime === null ? null : now + lifetime)
  })
})

describe('the times of a JWT', () => {
  test('are in milliseconds, by its server', () => {
    expect(timesOf(jwt({ iat: 100, exp: 110 }))).toEqual({ exp: 110_000, lifetime: 10_000 })
  })

  test('are read from base64url', () => {
    const claims = { iat: 100, exp: 110, name: '\u00fb\u00ff\u00fe\u00fb\u00ff?>' }
    const token = jwt(claims).replaceAll('+', '-').replaceAll('/', '_')
    expect(token).toMatch(/[-_]/)
    expect(timesOf(token)).toEqual({ exp: 110_000, lifetime: 10_000 })
  })

  test.each([
    ['of an opaque token', 'opaque'],
    ['of what is no JSON', 'a.b.c'],
    ['without `exp`', jwt({ iat: 100 })],
    ['without `iat`', jwt({ exp: 110 })],
    ['that are no numbers', jwt({ iat: '100', exp: '110' })],
    ['of which one is none', jwt({ iat: '1', exp: 110 })],
    ['of which the other is none', jwt({ iat: 1, exp: '110' })],
    ['that run backwards', jwt({ iat: 110, exp: 100 })],
    ['that are the same', jwt({ iat: 110, exp: 110 })],
  ])('%s are not known', (_title, token) => {
    expect(timesOf(token)).toBeNull()
  })
})

describe('what is told anew of a user', () => {
  const told = { id: 'ada', claims: { visits: 2 } }
  const over = { id: 'ada', name: 'Ada', claims: { visits: 2, locale: 'en' } }

  test('goes over what was known, also with the next revision', () => {
    expect(withTokens(first({ user: ada }), bare({ user: told }), now).user).toEqual(over)
    expect(withUser(first({ user: ada }), told, null).user).toEqual(over)
    expect(withTokens(first(), bare({ user: told }), now).user).toEqual(told)
    expect(withTokens(first({ user: ada }), bare(), now).user).toEqual(ada)
  })

  test('takes its place where the provider tells all there is', () => {
    expect(withTokens(first({ user: ada }), bare({ user: told, isWholeUser: true }), now).user).toEqual(told)
    expect(withUser(first({ user: ada }), told, null, true).user).toEqual(told)
  })

  test('goes over what was known, claim by claim, and counts', () => {
    const before = first({ user: ada, identity: 'i' })
    const next = withUser(before, { id: 'ada', name: 'Ada Byron', claims: { visits: 2 } }, 'other')
    expect(next).toEqual({
      ...before,
      user: { id: 'ada', name: 'Ada Byron', claims: { visits: 2, locale: 'en' } },
      userRevision: 1,
    })
  })

  test('is all there is where nobody was known, and says whose the session is', () => {
    const next = withUser(first(), ada, 'i')
    expect([next.user, next.identity, next.userRevision, next.revision]).toEqual([ada, 'i', 1, 1])
  })
})

describe('a record', () => {
  test('reads as it was written', () => {
    const slot = first({ user: ada, scopes: ['openid'], identity: 'i', refreshExpiresIn: 600 })
    expect(parseSlot(structuredClone(slot))).toEqual(slot)
  })

  test('keeps what this version does not know', () => {
    expect(parseSlot({ ...first(), later: { field: 1 } })).toMatchObject({ later: { field: 1 } })
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'slot'],
    ['an empty object', {}],
    ['no version', { ...first(), v: '1' }],
    ['no session', { ...first(), sessionId: 1 }],
    ['no revision', { ...first(), revision: '1' }],
    ['no tokens', { ...first(), tokens: undefined }],
    ['no access token', { ...first(), tokens: { ...first().tokens, access: null } }],
    ['no display ids', { ...first(), display: undefined }],
    ['no display id of the session', { ...first(), display: { account: 'a' } }],
    ['no display id of the account', { ...first(), display: { session: 's' } }],
  ])('with %s is none', (_title, record) => {
    expect(parseSlot(record)).toBeNull()
  })

  test('of another hand is read as far as it makes sense', () => {
    const broken = {
      ...first(),
      tokens: {
        access: 'a',
        type: 'bearer',
        refresh: '',
        expiresAt: '1',
        lifetime: {},
        receivedAt: 'now',
        refreshExpiresAt: 'soon',
        id: {},
      },
      digest: 1,
      past: 'digest',
      identity: {},
      begun: 'today',
      scopes: 'openid',
      user: 'ada',
      userRevision: null,
    }
    expect(parseSlot(broken)).toEqual({
      ...broken,
      tokens: {
        access: 'a',
        type: 'bearer',
        refresh: null,
        expiresAt: null,
        lifetime: null,
        receivedAt: 0,
        refreshExpiresAt: null,
        id: null,
      },
      digest: null,
      past: [],
      identity: null,
      begun: 0,
      scopes: [],
      user: null,
      userRevision: 0,
    })
    expect(parseSlot({ ...first(), tokens: { ...first().tokens, refresh: 7 } })?.tokens.refresh).toBeNull()
  })

  test('of a newer version is not written over', () => {
    expect(mayWrite(first())).toBe(true)
    expect(mayWrite({ ...first(), v: 2 })).toBe(false)
  })
})

test('a pointer points to a slot, or to nobody', () => {
  expect(readShown({ v: 1, slot: 'slot:app:1' })).toBe('slot:app:1')
  for (const pointer of [undefined, null, {}, { slot: null }]) expect(readShown(pointer)).toBeNull()
})

describe('what an app is given', () => {
  test('is of the slot, without refresh token, and frozen to its leaves', () => {
    const slot = first({ user: ada, scopes: ['openid'] })
    const session = toSession(parseSlot(structuredClone(slot)) ?? slot)
    expect(session).toEqual({
      accessToken: 'access-1',
      tokenType: 'bearer',
      expiresAt: now + 60_000,
      scopes: ['openid'],
      user: ada,
      account: slot.display.account,
      sessionId: slot.display.session,
      revision: 1,
    })
    for (const part of [session, session.scopes, session.user, session.user?.claims]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  test('knows how it is bound, and does not hand that on', () => {
    const key = { kind: 'key' } as never
    const slot = first({ key })
    const session = toSession(slot)
    expect(bindingOf(session)).toEqual({ type: 'bearer', key })
    expect(bindingIn(slot)).toEqual({ type: 'bearer', key })
    expect(bindingOf({ ...session })).toBeUndefined()
    const other = bind({ ...session }, undefined)
    expect(bindingOf(other)).toBeUndefined()
    expect(Object.isFrozen(other)).toBe(true)
  })
})
