import { describe, expect, test } from 'vitest'
import { judge, mayPresentAgain, readJson } from '../../src/providers/answers.ts'
import { AuthError, AuthRetryableFetchError } from '../../src/base/errors.ts'
import type { Answer, ReuseProfile } from '../../src/providers/provider.ts'

const provider = { terminal: { invalid_grant: 'rejected', refresh_token_already_used: 'reuse' } } as const
const refused = (status: number, error: string, retryAfter: number | null = null): Answer => ({
  kind: 'refused',
  status,
  error,
  retryAfter,
})
const unreadable = (status: number, retryAfter: number | null = null): Answer => ({
  kind: 'unreadable',
  status,
  retryAfter,
})

test('tokens are a rotation', () => {
  const tokens = {
    accessToken: 'a',
    tokenType: 'bearer' as const,
    expiresIn: 60,
    refreshToken: null,
    refreshExpiresIn: null,
    scopes: null,
    user: null,
  }
  expect(judge({ kind: 'tokens', tokens }, provider)).toEqual({ kind: 'rotated', tokens })
})

type Row = [string, Answer, string, string, string, number | null | undefined]

describe('what an answer means for the session that asked', () => {
  const minute = 60_000
  test.each([
    // The server says that the session is over: only after a fresh read it is.
    ['400 invalid_grant', refused(400, 'invalid_grant'), 'suspect', 'session_ended', 'invalid_grant', undefined],
    ['401 invalid_grant', refused(401, 'invalid_grant'), 'suspect', 'session_ended', 'invalid_grant', undefined],
    [
      'a code that names a reuse',
      refused(400, 'refresh_token_already_used'),
      'suspect',
      'session_ended',
      'refresh_token_reused',
      undefined,
    ],
    // What fails or is busy has not looked at the session, whatever it says.
    ...[408, 425, 503].map((status): Row => [
      `${status} invalid_grant`,
      refused(status, 'invalid_grant', 2_000),
      'unspent',
      'server_error',
      'server_error',
      2_000,
    ]),
    ['429 invalid_grant', refused(429, 'invalid_grant'), 'unspent', 'rate_limited', 'rate_limited', null],
    ['500 invalid_grant', refused(500, 'invalid_grant'), 'unknown', 'server_error', 'server_error', null],
    // Configuration: the session is kept, and nothing is tried for a while.
    ['401 invalid_client', refused(401, 'invalid_client'), 'unspent', 'invalid_client', 'invalid_client', minute],
    [
      '400 unauthorized_client',
      refused(400, 'unauthorized_client'),
      'unspent',
      'invalid_client',
      'invalid_client',
      minute,
    ],
    ['400 invalid_scope', refused(400, 'invalid_scope'), 'unspent', 'invalid_scope', 'invalid_scope', minute],
    [
      '400 invalid_dpop_proof',
      refused(400, 'invalid_dpop_proof'),
      'unspent',
      'invalid_dpop_proof',
      'invalid_dpop_proof',
      minute,
    ],
    [
      '400 use_dpop_nonce',
      refused(400, 'use_dpop_nonce'),
      'unspent',
      'invalid_dpop_proof',
      'invalid_dpop_proof',
      minute,
    ],
    // The server wants the user: the session is kept, and nothing is tried for a while.
    ...['interaction_required', 'login_required', 'consent_required', 'account_selection_required', 'mfa_required'].map(
      (code): Row => [
        `400 ${code}`,
        refused(400, code),
        'unspent',
        'interaction_required',
        'interaction_required',
        minute,
      ],
    ),
    // Busy: nothing was consumed, and the server says when to come again.
    ['408', unreadable(408), 'unspent', 'server_error', 'server_error', null],
    ['425', unreadable(425), 'unspent', 'server_error', 'server_error', null],
    ['429', unreadable(429, 7_000), 'unspent', 'rate_limited', 'rate_limited', 7_000],
    ['503', unreadable(503, 2_000), 'unspent', 'server_error', 'server_error', 2_000],
    ['429 with an OAuth error', refused(429, 'slow_down', 5_000), 'unspent', 'rate_limited', 'rate_limited', 5_000],
    [
      '503 with an OAuth error',
      refused(503, 'temporarily_unavailable'),
      'unspent',
      'server_error',
      'server_error',
      null,
    ],
    [
      '400 invalid_request with a retry hint',
      refused(400, 'invalid_request', 1_000),
      'unspent',
      'server_error',
      'server_error',
      1_000,
    ],
    [
      '400 invalid_request with a retry hint that names no time',
      refused(400, 'invalid_request', 0),
      'unspent',
      'server_error',
      'server_error',
      null,
    ],
    // The token may have been consumed, and what came of it is not to be had.
    ['200 without a token', unreadable(200), 'unknown', 'malformed_response', 'malformed_response', null],
    ['400 without JSON', unreadable(400), 'unknown', 'malformed_response', 'malformed_response', null],
    ['403 HTML', unreadable(403), 'unknown', 'malformed_response', 'malformed_response', null],
    ['407 HTML', unreadable(407), 'unknown', 'malformed_response', 'malformed_response', null],
    [
      '400 with an error nobody knows',
      refused(400, 'teapot'),
      'unknown',
      'malformed_response',
      'malformed_response',
      null,
    ],
    [
      '400 invalid_request',
      refused(400, 'invalid_request'),
      'unknown',
      'malformed_response',
      'malformed_response',
      null,
    ],
    ['500', unreadable(500), 'unknown', 'server_error', 'server_error', null],
    ['502 with an OAuth error', refused(502, 'server_error'), 'unknown', 'server_error', 'server_error', null],
    ['302', unreadable(302), 'unknown', 'malformed_response', 'redirect', minute],
    ['a redirect as browsers hide it', unreadable(0), 'unknown', 'malformed_response', 'redirect', minute],
    ['no answer in time', { kind: 'silent', cause: 'timeout' }, 'unknown', 'timeout', 'timeout', null],
    ['a network error', { kind: 'silent', cause: 'network' }, 'unknown', 'network', 'network', null],
    ['a request that never left', { kind: 'silent', cause: 'unsent' }, 'unspent', 'network', 'network', null],
  ] satisfies Row[])('%s', (_, answer, kind, code, errorType, retryAfter) => {
    const verdict = judge(answer, provider)
    expect(verdict).toMatchObject({ kind, errorType, error: { code } })
    expect('retryAfter' in verdict ? verdict.retryAfter : undefined).toBe(retryAfter)
    expect(verdict.kind !== 'rotated' && verdict.error).toBeInstanceOf(AuthError)
  })

  test('what only names something that every object has ends no session', () => {
    expect(judge(refused(400, 'constructor'), provider).kind).toBe('unknown')
    expect(judge(refused(400, '__proto__'), provider).kind).toBe('unknown')
  })

  test('a terminal code ends the session with the reason that the provider gives it', () => {
    expect(judge(refused(400, 'refresh_token_already_used'), provider)).toMatchObject({ reason: 'reuse' })
    expect(judge(refused(400, 'invalid_grant'), { terminal: {} })).toMatchObject({ kind: 'unknown' })
  })

  test('an answer that cannot be read ends a session only where the provider says that its server answers so', () => {
    const terse = { terminal: { 403: 'rejected' } } as const
    expect(judge(unreadable(403), provider)).toMatchObject({ kind: 'unknown' })
    expect(judge(unreadable(403), terse)).toMatchObject({ kind: 'suspect', reason: 'rejected', error: { status: 403 } })
    expect(judge(unreadable(400), terse)).toMatchObject({ kind: 'unknown' })
    expect(judge(refused(403, 'access_denied'), terse)).toMatchObject({ kind: 'unknown' })
  })
})

describe('the error of an answer', () => {
  test('of one that ends nothing is retryable, tells the status and that the session is kept', () => {
    const verdict = judge(unreadable(500), provider)
    const error = verdict.kind === 'unknown' ? verdict.error : null
    expect(error).toBeInstanceOf(AuthRetryableFetchError)
    expect(error).toMatchObject({ status: 500, retryAt: null })
    expect(error?.message).toMatch(/session is kept/)
  })

  test.each(['invalid_target', 'invalid_request', 'access_denied', 'server_error', 'teapot'])(
    'that the server has refused with %s blames no proxy, and tells what to check',
    (code) => {
      const { error } = judge(refused(400, code), provider) as { error: AuthError }
      expect(error.message).toBe(
        'The authorization server refused the request (400). Check the client there, its grants, scopes and `resource`. The session is kept.',
      )
    },
  )

  test('of an answer in no format of the provider’s thinks of a proxy', () => {
    const { error } = judge(unreadable(400), provider) as { error: AuthError }
    expect(error.message).toMatch(/as a proxy or a sign-in page may\. The session is kept\.$/)
  })

  test('of a client that may not do this names both grants: either may have been asked for', () => {
    const { error } = judge(refused(400, 'unauthorized_client'), provider) as { error: AuthError }
    expect(error.message).toMatch(/Allow the grants authorization_code and refresh_token/)
  })

  test('never repeats what the server wrote', () => {
    const verdict = judge(refused(400, 'canary_text'), provider)
    expect(JSON.stringify(verdict) + (verdict.kind === 'rotated' ? '' : verdict.error.message)).not.toContain('canary')
  })

  test('of a request that never left is the provider’s own where it is one of ours', () => {
    const own = new AuthError('provider_invalid', 'Wrong address.')
    expect(judge({ kind: 'silent', cause: 'unsent', error: own }, provider)).toMatchObject({ error: own })
  })

  test('of a request that never left is ours where a library threw, whatever that carries', () => {
    const theirs = Object.assign(new TypeError('canary_text'), { code: 'ERR_INVALID_URL' })
    expect(judge({ kind: 'silent', cause: 'unsent', error: theirs }, provider)).toMatchObject({
      error: { code: 'network', message: expect.not.stringContaining('canary') as string },
    })
    const aborted = new DOMException('canary_text', 'AbortError')
    expect(judge({ kind: 'silent', cause: 'network', error: aborted }, provider)).toMatchObject({
      error: { code: 'network' },
    })
  })
})

test('after a lost answer the same token may come again only where that is known to be safe', () => {
  const profiles: ReuseProfile[] = ['idempotent', 'branches', 'fatal', 'unknown']
  expect(profiles.filter(mayPresentAgain)).toEqual(['idempotent', 'branches'])
})

describe('reading an answer', () => {
  const now = Date.UTC(2026, 0, 1)

  test('gives the JSON object and when to come again', async () => {
    const response = Response.json({ a: 1 }, { headers: { 'retry-after': '3' } })
    expect(await readJson(response, now)).toEqual({ json: { a: 1 }, retryAfter: 3_000 })
  })

  test.each(['<html>Welcome</html>', '', 'null', '7', '"text"', '{'])('finds %j unreadable', async (body) => {
    const response = new Response(body, { status: 403, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' } })
    expect(await readJson(response, now)).toEqual({ kind: 'unreadable', status: 403, retryAfter: 9_000 })
  })
})
