import type { TokenEndpointResponse } from 'oauth4webapi'
import { expect, test } from 'vitest'
import { readAnswer } from '../../src/providers/token-answer.ts'

/** What `oauth4webapi` does, less its checks. */
const process = async (answer: Response): Promise<TokenEndpointResponse> =>
  (await answer.json()) as TokenEndpointResponse
const read = (body: object, status: number) =>
  readAnswer(Response.json(body, { status }), { now: Date.now }, 'required', process)

test('a refusal that names no error is none: it says nothing about the token', async () => {
  expect(await read({ message: 'no' }, 400)).toEqual({ kind: 'unreadable', status: 400, retryAfter: null })
  expect(await read({ error: 'invalid_grant' }, 400)).toMatchObject({ kind: 'refused', error: 'invalid_grant' })
})

test('an access token that no header takes is none', async () => {
  expect(await read({ access_token: 'a\nb', token_type: 'bearer' }, 200)).toMatchObject({ kind: 'unreadable' })
})
