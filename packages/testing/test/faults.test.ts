import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  blocked,
  busy,
  compose,
  contention,
  createAuthServer,
  delayAnswer,
  delayRequest,
  emptyAnswer,
  gotrueFailure,
  htmlAnswer,
  invalidClient,
  invalidDpopProof,
  invalidGrant,
  invalidScope,
  loseAnswer,
  loseRequest,
  oauthFailure,
  redirected,
  refuse,
  serverError,
  unauthorizedClient,
  demandDpopNonce,
  withExpiresIn,
  withoutAccessToken,
  withoutRefreshToken,
  type Fault,
} from '../src/index.ts'
import { newRefreshToken, readTokens, sendRefresh } from './token-requests.ts'

const server = createAuthServer()
afterEach(() => server.reset())

interface Row {
  readonly fault: Fault
  readonly status: number
  readonly error?: string
  /** The server rotated. Default false. */
  readonly processed?: boolean
  /** The client must take the token for consumed. Default true. */
  readonly presentation?: boolean
}

const rows: Row[] = [
  { fault: withoutRefreshToken(), status: 200, processed: true },
  { fault: withoutAccessToken(), status: 200, processed: true },
  { fault: htmlAnswer(), status: 200 },
  { fault: htmlAnswer({ acted: true }), status: 200, processed: true },
  { fault: invalidGrant(), status: 400, error: 'invalid_grant' },
  { fault: gotrueFailure('refresh_token_not_found'), status: 400, error: 'refresh_token_not_found' },
  { fault: invalidDpopProof(), status: 400, error: 'invalid_dpop_proof', presentation: false },
  { fault: contention(), status: 400, error: 'invalid_request', presentation: false },
  { fault: demandDpopNonce(), status: 400, error: 'use_dpop_nonce', presentation: false },
  { fault: invalidClient(), status: 401, error: 'invalid_client', presentation: false },
  { fault: oauthFailure('invalid_request'), status: 400, error: 'invalid_request' },
  { fault: unauthorizedClient(), status: 400, error: 'unauthorized_client' },
  { fault: invalidScope(), status: 400, error: 'invalid_scope', presentation: false },
  { fault: emptyAnswer(), status: 400 },
  { fault: blocked(), status: 403 },
  { fault: blocked({ status: 407 }), status: 407 },
  { fault: busy({ status: 408 }), status: 408, presentation: false },
  { fault: busy({ status: 425 }), status: 425, presentation: false },
  { fault: busy(), status: 429, presentation: false },
  { fault: busy({ status: 503 }), status: 503, presentation: false },
  { fault: serverError(), status: 500 },
  { fault: serverError({ status: 502, acted: true }), status: 502, processed: true },
  { fault: loseAnswer(), status: 0, processed: true },
  { fault: loseRequest(), status: 0 },
  { fault: refuse(), status: 0, presentation: false },
  { fault: redirected('https://elsewhere.test/'), status: 302 },
]

describe('every answer that a token endpoint may give', () => {
  test.each(rows)('$fault.name: status $status, rotated: $processed', async ({ fault, ...expected }) => {
    const token = await newRefreshToken(server)
    server.faults.next(fault)
    const status = await sendRefresh(server, token).then(
      (response) => response.status,
      () => 0,
    )
    const { error = null, processed = false, presentation = true } = expected
    expect(status).toBe(expected.status)
    expect(server.log).toMatchObject([{ faults: [fault.name], status, error, processed, presentation }])
    expect(server.presentations(token)).toBe(presentation ? 1 : 0)

    const isActive = (await sendRefresh(server, token)).ok
    expect(isActive).toBe(!processed)
  })

  test('Retry-After is seconds or a date, or is not there', async () => {
    const token = await newRefreshToken(server)
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT'
    for (const fault of [busy({ retryAfter: 7 }), busy({ retryAfter: date }), busy()]) server.faults.next(fault)
    const answers = [
      await sendRefresh(server, token),
      await sendRefresh(server, token),
      await sendRefresh(server, token),
    ]
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(['7', date, null])
  })

  test.each([0, -5, 1e12, 'soon', undefined])('expires_in can be %s', async (value) => {
    server.faults.next(withExpiresIn(value))
    const tokens = await readTokens(await sendRefresh(server, await newRefreshToken(server)))
    expect(tokens.expires_in).toBe(value)
    expect(tokens.access_token).toBeTypeOf('string')
  })

  test('GoTrue tells its errors in two shapes', async () => {
    const token = await newRefreshToken(server)
    server.faults.next(gotrueFailure('session_not_found', { status: 403 }))
    server.faults.next(gotrueFailure('Invalid Refresh Token', { legacy: true }))
    expect(await readTokens(await sendRefresh(server, token))).toMatchObject({
      code: 403,
      error_code: 'session_not_found',
    })
    expect(await readTokens(await sendRefresh(server, token))).toEqual({
      error: 'invalid_grant',
      error_description: 'Invalid Refresh Token',
    })
  })

  test('a refused connection is proved by the code of the cause, a lost one has another', async () => {
    const token = await newRefreshToken(server)
    server.faults.next(refuse())
    await expect(sendRefresh(server, token)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    server.faults.next(loseRequest())
    await expect(sendRefresh(server, token)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  })
})

describe('which requests a fault meets', () => {
  test('next: one request each, the earliest first, at the token endpoint unless told', async () => {
    const token = await newRefreshToken(server)
    server.faults.next(busy())
    server.faults.next(serverError())
    await server.fetch(`${server.issuer}/jwks`)
    const answers = [
      await sendRefresh(server, token),
      await sendRefresh(server, token),
      await sendRefresh(server, token),
    ]
    expect(answers.map(({ status }) => status)).toEqual([429, 500, 200])
    expect(server.log.map(({ endpoint, faults }) => [endpoint, ...faults])).toEqual([
      ['jwks'],
      ['token', 'busy'],
      ['token', 'server_error'],
      ['token'],
    ])
  })

  test('a fault for one user meets only that user’s requests, in whatever order they come', async () => {
    const [ada, grace] = [
      await newRefreshToken(server, { user: 'ada' }),
      await newRefreshToken(server, { user: 'grace' }),
    ]
    for (const order of [
      [ada, grace],
      [grace, ada],
    ]) {
      server.faults.next(serverError(), { user: 'grace' })
      const answers = new Map(
        await Promise.all(order.map(async (token) => [token, await sendRefresh(server, token)] as const)),
      )
      expect(answers.get(grace)?.status).toBe(500)
      expect(answers.get(ada)?.status).not.toBe(500)
    }
  })

  test('always: every matching request until it is taken back', async () => {
    const token = await newRefreshToken(server)
    const repair = server.faults.always(busy(), (request) => request.generation === 1)
    expect([(await sendRefresh(server, token)).status, (await sendRefresh(server, token)).status]).toEqual([429, 429])
    repair()
    const next = await readTokens(await sendRefresh(server, token))
    expect(next.refresh_token).toBeTypeOf('string')
  })

  test('of several faults on one request the first is the outermost', async () => {
    server.faults.always(withExpiresIn(1))
    server.faults.next(compose(withExpiresIn(2), withExpiresIn(3)))
    expect(await readTokens(await sendRefresh(server, await newRefreshToken(server)))).toMatchObject({ expires_in: 1 })
    server.faults.clear()
    server.faults.next(compose(withExpiresIn(2), withExpiresIn(3)))
    expect(await readTokens(await sendRefresh(server, await newRefreshToken(server)))).toMatchObject({ expires_in: 2 })
  })

  test('clear takes all back', async () => {
    server.faults.always(busy())
    server.faults.next(serverError())
    server.faults.clear()
    expect((await sendRefresh(server, await newRefreshToken(server))).ok).toBe(true)
  })

  test('other endpoints fail when they are named', async () => {
    server.faults.next(serverError(), { endpoint: 'discovery' })
    expect((await server.fetch(`${server.issuer}/.well-known/openid-configuration`)).status).toBe(500)
  })
})

describe('faults that take time', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test.each([
    { fault: delayRequest(500), actsAtOnce: false },
    { fault: delayAnswer(500), actsAtOnce: true },
    { fault: compose(delayAnswer(300), delayRequest(200)), actsAtOnce: false },
    { fault: compose(delayAnswer(500), withExpiresIn(5)), actsAtOnce: true },
  ])('$fault.name: the server acts at once: $actsAtOnce', async ({ fault, actsAtOnce }) => {
    // Without `openid` nothing is signed, so nothing but the fault takes time.
    const token = await newRefreshToken(server, { scope: 'profile' })
    server.faults.next(fault)
    const settled = vi.fn<(response: Response) => void>()
    void sendRefresh(server, token).then(settled)
    await vi.advanceTimersByTimeAsync(0)
    expect(server.log[0]?.processed).toBe(actsAtOnce)
    await vi.advanceTimersByTimeAsync(499)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledOnce()
    expect(server.log[0]?.processed).toBe(true)
  })
})
