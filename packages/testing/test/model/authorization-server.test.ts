import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../src/model/authorization-server.ts'
import { activeTokens, ada, createFixture, successor } from './model-fixture.ts'

const refused = { granted: false, error: 'invalid_grant' }
const accessTokenOf = (verdict: Verdict) => (verdict.granted ? verdict.accessToken.value : '')

describe('strict', () => {
  test('a rotated token that comes again ends the session and kills its access tokens at once', () => {
    const { model, signIn, refresh } = createFixture('strict')
    const first = signIn()
    const rotation = refresh(first)
    expect(refresh(first)).toEqual({ ...refused, reused: true })
    expect(refresh(successor(rotation))).toMatchObject(refused)
    expect(model.checkAccess(accessTokenOf(rotation))).toBeNull()
  })

  test('one session that ends leaves the other sessions of the user alone', () => {
    const { signIn, refresh } = createFixture('strict')
    const [phone, laptop] = [signIn(), signIn()]
    refresh(phone)
    refresh(phone)
    expect(refresh(laptop)).toMatchObject({ granted: true })
  })
})

describe('idempotent', () => {
  test('the parent of the active token gets the same child, even an hour later', () => {
    const { clock, signIn, refresh } = createFixture('idempotent')
    const first = signIn()
    const child = successor(refresh(first))
    clock.seconds += 3600
    const again = refresh(first)
    expect(successor(again)).toBe(child)
    expect(again.reused).toBe(true)
  })

  test('a token older than the parent revokes the family, and access tokens live out their time', () => {
    const { model, signIn, refresh } = createFixture('idempotent')
    const first = signIn()
    const second = successor(refresh(first))
    const rotation = refresh(second)
    expect(refresh(first)).toEqual({ ...refused, reused: true })
    expect(refresh(successor(rotation))).toMatchObject(refused)
    expect(model.checkAccess(accessTokenOf(rotation))).not.toBeNull()
  })
})

describe('grace', () => {
  test.each([
    { after: 30, granted: true },
    { after: 31, granted: false },
  ])('with 30 s of grace, the parent that comes again after $after s is granted: $granted', ({ after, granted }) => {
    const { model, clock, signIn, refresh } = createFixture({ name: 'grace', seconds: 30 })
    const first = signIn()
    const child = successor(refresh(first))
    clock.seconds += after
    expect(refresh(first)).toMatchObject(granted ? { granted, refreshToken: child } : { granted, reused: true })
    expect(activeTokens(model)).toEqual(granted ? [child] : [])
  })
})

describe('branches', () => {
  test('an old token gets a new one each time, and all of them work', () => {
    const { model, signIn, refresh } = createFixture({ name: 'branches', seconds: 60 })
    const first = signIn()
    const branches = [refresh(first), refresh(first), refresh(first)].map(successor)
    expect(new Set(branches).size).toBe(3)
    expect(activeTokens(model)).toHaveLength(3)
    for (const branch of branches) expect(refresh(branch)).toMatchObject({ granted: true })
  })
})

describe('branches, outside its time', () => {
  test('revokes the whole family, every branch of it', () => {
    const { model, clock, signIn, refresh } = createFixture({ name: 'branches', seconds: 60 })
    const first = signIn()
    const branch = successor(refresh(first))
    refresh(first)
    clock.seconds += 61
    expect(refresh(first)).toEqual({ ...refused, reused: true })
    expect(refresh(branch)).toMatchObject(refused)
    expect(activeTokens(model)).toEqual([])
  })
})

describe('non-rotating', () => {
  test('the same token works for ever and is no reuse', () => {
    const { signIn, refresh } = createFixture('non-rotating')
    const only = signIn()
    expect(refresh(only)).toMatchObject({ granted: true, refreshToken: only, reused: false })
    expect(refresh(only)).toMatchObject({ granted: true, refreshToken: only, reused: false })
  })

  test('the answer can leave the refresh token out', () => {
    const { signIn, refresh } = createFixture({ name: 'non-rotating', answer: 'none' })
    const only = signIn()
    expect(refresh(only)).toMatchObject({ granted: true, refreshToken: null })
    expect(refresh(only)).toMatchObject({ granted: true, refreshToken: null })
  })
})

describe('sometimes-rotating', () => {
  test('keeps the token twice, rotates at the third refresh, and is strict about the rotated one', () => {
    const { signIn, refresh } = createFixture({ name: 'sometimes-rotating', every: 3 })
    const first = signIn()
    expect([successor(refresh(first)), successor(refresh(first))]).toEqual([first, first])
    const second = successor(refresh(first))
    expect(second).not.toBe(first)
    expect(refresh(first)).toEqual({ ...refused, reused: true })
    expect(refresh(second)).toMatchObject(refused)
  })
})

describe('refresh', () => {
  test('an unknown token and another client’s token are refused and end nothing', () => {
    const { model, signIn, refresh } = createFixture('strict')
    const first = signIn()
    expect(refresh({ value: 'unheard of' })).toEqual({ ...refused, reused: false })
    expect(model.refresh({ token: first.value, clientId: 'other' })).toEqual({ ...refused, reused: false })
    expect(refresh(first)).toMatchObject({ granted: true })
  })

  test('an expired token is refused; a rotation starts the time anew', () => {
    const { clock, signIn, refresh } = createFixture('strict', { refreshTokenTtl: 100 })
    const first = signIn()
    clock.seconds += 99
    const second = successor(refresh(first))
    clock.seconds += 99
    const third = successor(refresh(second))
    clock.seconds += 100
    expect(refresh(third)).toEqual({ ...refused, reused: false })
  })

  test('fewer scopes may be asked for, more may not, and the refusal does not consume the token', () => {
    const { model, signIn } = createFixture('strict')
    const token = signIn().value
    expect(model.refresh({ token, clientId: 'spa', scope: 'openid admin' })).toMatchObject({ error: 'invalid_scope' })
    expect(model.refresh({ token, clientId: 'spa', scope: 'openid' })).toMatchObject({
      accessToken: { scope: 'openid' },
    })
  })
})

describe('authorization codes', () => {
  const request = { user: ada, clientId: 'spa', redirectUri: 'https://app.test/', challenge: 'right' }
  const issue = (fixture: ReturnType<typeof createFixture>) =>
    fixture.model.issueCode({ ...request, scope: 'openid', resource: null, nonce: 'n' }).value

  test('a code is redeemed by the client, the address and the verifier it was made for', () => {
    const fixture = createFixture('strict')
    expect(fixture.model.redeemCode({ ...request, code: issue(fixture) })).toMatchObject({ granted: true })
  })

  test.each([
    { challenge: 'wrong' },
    { redirectUri: 'https://evil.test/' },
    { clientId: 'other' },
    { code: 'unheard of' },
  ])('is refused with %o', (change) => {
    const fixture = createFixture('strict')
    expect(fixture.model.redeemCode({ ...request, code: issue(fixture), ...change })).toMatchObject(refused)
  })

  test('a wrong verifier uses the code up', () => {
    const fixture = createFixture('strict')
    const code = issue(fixture)
    fixture.model.redeemCode({ ...request, code, challenge: 'wrong' })
    expect(fixture.model.redeemCode({ ...request, code })).toMatchObject(refused)
  })

  test('a code is dead after a minute', () => {
    const fixture = createFixture('strict')
    const code = issue(fixture)
    fixture.clock.seconds += 60
    expect(fixture.model.redeemCode({ ...request, code })).toEqual({ ...refused, reused: false })
  })

  test('a code used twice revokes the tokens it gave', () => {
    const fixture = createFixture('non-rotating')
    const code = issue(fixture)
    const tokens = fixture.model.redeemCode({ ...request, code })
    expect(fixture.model.redeemCode({ ...request, code })).toEqual({ ...refused, reused: true })
    expect(fixture.refresh(successor(tokens))).toMatchObject(refused)
    expect(fixture.model.checkAccess(accessTokenOf(tokens))).toBeNull()
  })
})

describe('revocation', () => {
  test('of a refresh token ends the session, also when the token was rotated before', () => {
    const { model, signIn, refresh } = createFixture('strict')
    const first = signIn()
    const rotation = refresh(first)
    model.revoke(first.value)
    expect(refresh(successor(rotation))).toMatchObject(refused)
    expect(model.checkAccess(accessTokenOf(rotation))).toBeNull()
  })

  test('after a family was revoked takes its access tokens too', () => {
    const { model, signIn, refresh } = createFixture('idempotent')
    const first = signIn()
    const rotation = refresh(successor(refresh(first)))
    refresh(first)
    expect(model.checkAccess(accessTokenOf(rotation))).not.toBeNull()
    model.revoke(first.value)
    expect(model.checkAccess(accessTokenOf(rotation))).toBeNull()
  })

  test('of an access token ends only that', () => {
    const { model, signIn, refresh } = createFixture('strict')
    const rotation = refresh(signIn())
    model.revoke(accessTokenOf(rotation))
    expect(model.checkAccess(accessTokenOf(rotation))).toBeNull()
    expect(refresh(successor(rotation))).toMatchObject({ granted: true })
  })
})

test('an access token is good until its last second and not in it', () => {
  const { model, clock, signIn, refresh } = createFixture('strict')
  const token = accessTokenOf(refresh(signIn()))
  clock.seconds += 59
  expect(model.checkAccess(token)).not.toBeNull()
  clock.seconds += 1
  expect(model.checkAccess(token)).toBeNull()
})
