import type { UserInfoResponse } from 'oauth4webapi'
import { readJson } from './answers.ts'
import type { UserAnswer } from './provider.ts'
import { toUser } from './token-answer.ts'

/** Reads an answer of the userinfo endpoint (OpenID Connect Core 1.0, section 5.3). Whatever the library refuses is unreadable. */
export async function readUserInfo(
  response: Response,
  now: number,
  process: (answer: Response) => Promise<UserInfoResponse>,
): Promise<UserAnswer> {
  const { status } = response
  // The error stands in a header (RFC 6750 3), and the body may be anything.
  if (status === 401 || status === 403) {
    await response.body?.cancel().catch(() => {})
    return { kind: 'refused', status, error: status === 401 ? 'invalid_token' : 'insufficient_scope', retryAfter: null }
  }
  const read = await readJson(response, now)
  if ('kind' in read) return read
  try {
    return { kind: 'user', user: toUser(await process(Response.json(read.json, { status }))) }
  } catch {
    return { kind: 'unreadable', status, retryAfter: read.retryAfter }
  }
}
