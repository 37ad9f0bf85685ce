import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readFault } from '../server/fault-switch.ts'
import { type Playground, startPlayground } from '../server/playground.ts'
import { order, readLog, refresh, signIn, type Tokens } from './visitor.ts'

let playground: Playground

beforeAll(async () => {
  playground = await startPlayground({ port: 0 })
})

beforeEach(() => order(playground, 'reset'))

afterAll(() => playground.stop())

/** Longer than any test may last: only lifting the fault can end such a delay. */
const forever = 600_000

describe('while the answer is delayed', () => {
  test('the server has rotated already, and lifting the fault lets the answer go', async () => {
    const { refresh_token } = await signIn(playground)
    await order(playground, 'fault', { kind: 'delay_answer', ms: forever })

    const answer = refresh(playground, refresh_token)
    const entry = await nextRefresh()
    expect(entry).toMatchObject({ status: 200, fault: 'delay_answer' })

    await order(playground, 'fault', { kind: 'none' })
    const rotated = (await (await answer).json()) as Tokens
    expect((await refresh(playground, rotated.refresh_token)).status).toBe(200)
  })

  test('the old token counts as used', async () => {
    const { refresh_token } = await signIn(playground)
    await order(playground, 'fault', { kind: 'delay_answer', ms: forever, times: 1 })

    const answer = refresh(playground, refresh_token)
    await nextRefresh()
    expect((await refresh(playground, refresh_token)).status).toBe(400)

    await order(playground, 'fault', { kind: 'none' })
    expect((await answer).status).toBe(200)
  })
})

test('while the request is delayed the server has not rotated', async () => {
  const { refresh_token } = await signIn(playground)
  await order(playground, 'fault', { kind: 'delay_request', ms: forever, times: 1 })

  const late = refresh(playground, refresh_token)
  await expect.poll(readFaultKind).toBe('none')
  expect((await refresh(playground, refresh_token)).status).toBe(200)

  await order(playground, 'fault', { kind: 'none' })
  expect((await late).status).toBe(400)
  expect((await readLog(playground)).entries.slice(-2)).toMatchObject([
    { status: 200 },
    { status: 400, fault: 'delay_request', error: 'invalid_grant' },
  ])
})

test('a lost answer has rotated the token, and no byte of it arrives', async () => {
  const { refresh_token } = await signIn(playground)
  await order(playground, 'fault', { kind: 'lose_answer', times: 1 })

  await expect(refresh(playground, refresh_token)).rejects.toThrow('fetch failed')

  expect((await refresh(playground, refresh_token)).status).toBe(400)
  expect((await readLog(playground)).entries.slice(-2)).toMatchObject([
    { status: 200, fault: 'lose_answer' },
    { status: 400, error: 'invalid_grant' },
  ])
})

test.each([
  { fault: { kind: 'busy', retryAfter: 7 }, status: 429, type: 'application/json', error: 'temporarily_unavailable' },
  { fault: { kind: 'error' }, status: 500, type: 'application/json', error: 'server_error' },
  { fault: { kind: 'forbidden' }, status: 403, type: 'text/html', error: undefined },
])('$fault.kind is answered before the server, where the page can read it', async ({ fault, status, type, error }) => {
  const { refresh_token } = await signIn(playground)
  await order(playground, 'fault', fault)

  const response = await refresh(playground, refresh_token)

  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toContain(type)
  expect(response.headers.get('access-control-allow-origin')).toBe(playground.url)
  expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After')
  expect(response.headers.get('retry-after')).toBe(fault.kind === 'busy' ? '7' : null)
  expect(await nextRefresh()).toMatchObject({ status, fault: fault.kind, ...(error && { error }) })

  await order(playground, 'fault', { kind: 'none' })
  expect((await refresh(playground, refresh_token)).status).toBe(200)
})

test('signing in works during every fault that answers', async () => {
  for (const kind of ['delay_answer', 'delay_request', 'lose_answer', 'busy', 'error', 'forbidden']) {
    await order(playground, 'fault', { kind })
    expect((await signIn(playground)).access_token).toBeTypeOf('string')
  }
})

test('refuse closes the authorization server, cuts what is open, and none opens it on the same port', async () => {
  const { refresh_token } = await signIn(playground)
  await order(playground, 'fault', { kind: 'delay_request', ms: forever })
  const open = refresh(playground, refresh_token)
  const cut = expect(open).rejects.toThrow('fetch failed')

  await order(playground, 'fault', { kind: 'refuse' })
  await cut
  await expect(fetch(`${playground.issuer}/jwks`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  await order(playground, 'fault', { kind: 'refuse' })

  await order(playground, 'fault', { kind: 'none' })
  expect((await fetch(`${playground.issuer}/jwks`)).status).toBe(200)
})

test('a fault with a number of times ends by itself', async () => {
  const { refresh_token } = await signIn(playground)
  await order(playground, 'fault', { kind: 'error', times: 2 })

  const statuses = [
    (await refresh(playground, refresh_token)).status,
    (await refresh(playground, refresh_token)).status,
    (await refresh(playground, refresh_token)).status,
  ]

  expect(statuses).toEqual([500, 500, 200])
  expect(await readFaultKind()).toBe('none')
})

test('a hundred refreshes at once are a hundred in the log', async () => {
  const { refresh_token } = await signIn(playground)
  await Promise.all(Array.from({ length: 100 }, () => refresh(playground, refresh_token)))
  expect((await readLog(playground)).refreshRequests).toBe(100)
})

describe('a fault as the page sends it', () => {
  test('has defaults', () => {
    expect(readFault({ kind: 'delay_answer' })).toEqual({ fault: { kind: 'delay_answer', ms: 3000 } })
    expect(readFault({ kind: 'busy' })).toEqual({ fault: { kind: 'busy', retryAfter: 2 } })
    expect(readFault({ kind: 'error', times: 3 })).toEqual({ fault: { kind: 'error' }, times: 3 })
  })

  test.each([
    [{}, '`kind` has to be one of none, delay_answer'],
    [{ kind: 'constructor' }, '`kind` has to be one of'],
    [{ kind: 'delay_answer', ms: -1 }, '`ms` has to be a whole number from 1 to 600000.'],
    [{ kind: 'delay_answer', ms: '5' }, '`ms` has to be a whole number'],
    [{ kind: 'busy', retryAfter: 1.5 }, '`retryAfter` has to be a whole number from 0 to 3600.'],
    [{ kind: 'error', times: 0 }, '`times` has to be a whole number from 1'],
    [{ kind: 'refuse', times: 2 }, '`times` has no meaning with refuse.'],
  ])('%j is refused with a sentence', (value, sentence) => {
    expect(() => readFault(value)).toThrow(sentence)
  })
})

async function readFaultKind(): Promise<string> {
  const response = await fetch(`${playground.url}/playground/state`)
  return ((await response.json()) as { fault: { kind: string } }).fault.kind
}

/** The first refresh in the log, as soon as it is there. */
async function nextRefresh() {
  const find = async () => (await readLog(playground)).entries.find((entry) => entry.grant === 'refresh_token')
  await expect.poll(find).toBeDefined()
  return find()
}
