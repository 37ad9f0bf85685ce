import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Playground, startPlayground } from '../server/playground.ts'
import { order, readLog, refresh, signIn } from './visitor.ts'

let playground: Playground

beforeAll(async () => {
  playground = await startPlayground({ port: 0 })
})

beforeEach(() => order(playground, 'reset'))

afterAll(() => playground.stop())

const get = async (path: string): Promise<unknown> => (await fetch(`${playground.url}/playground/${path}`)).json()

test('the page learns all it needs to sign in', async () => {
  expect(await get('config')).toEqual({
    issuer: playground.issuer,
    clientId: 'playground',
    resource: `${playground.url}/api`,
    users: [
      { login: 'alice', password: 'wonderland', name: 'Alice Liddell' },
      { login: 'bob', password: 'builder', name: 'Bob Sponge' },
      { login: 'carol', password: 'christmas', name: 'Carol Singer' },
    ],
    accessTokenTtl: 30,
    otlp: false,
  })
})

test('the state follows the orders, and a reset takes them back and empties the log', async () => {
  await signIn(playground)
  await order(playground, 'fault', { kind: 'busy', retryAfter: 9 })
  await order(playground, 'ttl', { seconds: 5 })
  expect(await get('state')).toEqual({ fault: { kind: 'busy', retryAfter: 9 }, accessTokenTtl: 5 })
  expect((await readLog(playground)).entries).not.toEqual([])

  await order(playground, 'reset')

  expect(await get('state')).toEqual({ fault: { kind: 'none' }, accessTokenTtl: 30 })
  expect(await readLog(playground)).toEqual({ entries: [], refreshRequests: 0 })
})

test('a new lifetime holds from the next token on', async () => {
  await order(playground, 'ttl', { seconds: 7 })
  expect((await signIn(playground)).expires_in).toBe(7)
})

describe('an act', () => {
  test.each(['revoke_grant', 'expire_refresh_token'])('%s ends what can be refreshed, and counts it', async (act) => {
    await order(playground, 'act', { act })
    const { refresh_token } = await signIn(playground, 'alice')
    await signIn(playground, 'bob')

    const response = await order(playground, 'act', { act })

    expect(await response.json()).toEqual({ affected: 2 })
    const refused = await refresh(playground, refresh_token)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' })
    expect((await signIn(playground)).refresh_token).toBeTypeOf('string')
  })
})

test.each([
  ['fault', { kind: 'sabotage' }, 400, '`kind` has to be one of none'],
  ['act', { act: 'toString' }, 400, '`act` has to be one of revoke_grant'],
  ['ttl', { seconds: 4 }, 400, '`seconds` has to be a whole number from 5 to 3600.'],
  ['ttl', { seconds: 3601 }, 400, '`seconds` has to be a whole number from 5 to 3600.'],
  ['ttl', {}, 400, '`seconds` has to be a whole number'],
  ['ttl', [30], 400, 'The body has to be a JSON object.'],
  ['nothing', {}, 404, 'There is no such thing here.'],
])('%s with %j is refused with a sentence', async (path, body, status, message) => {
  const response = await order(playground, path, body)
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({ message: expect.stringContaining(message) })
})

test('a body that is no JSON, or does not say that it is, is refused', async () => {
  const send = (type: string) =>
    fetch(`${playground.url}/playground/ttl`, { method: 'POST', body: '{', headers: { 'content-type': type } })
  expect((await send('text/plain')).status).toBe(415)
  expect((await send('application/json')).status).toBe(400)
})

describe('a browser', () => {
  const from = (headers: Record<string, string>) => fetch(`${playground.url}/playground/state`, { headers })

  test('may use the controls from the page', async () => {
    expect((await from({ origin: playground.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  test.each([
    ['of another origin', { origin: 'http://evil.example' }],
    ['of the authorization server', { 'sec-fetch-site': 'same-site' }],
    ['of nowhere', { origin: 'null' }],
    ['embedded elsewhere', { 'sec-fetch-site': 'cross-site' }],
  ])('may not use them from a page %s', async (_, headers) => {
    const response = await from(headers)
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({ message: expect.stringContaining(playground.url) })
  })

  test('may not use them under a name that a stranger has pointed here', async () => {
    const address = playground.url.replace('localhost', '127.0.0.1')
    expect((await fetch(`${address}/playground/state`)).status).toBe(403)
  })
})

test('the stream repeats the log and goes on with it', async () => {
  await signIn(playground)
  const { entries } = await readLog(playground)
  const stream = await openStream()
  expect(await stream.take(entries.length)).toEqual(entries)

  const { refresh_token } = await signIn(playground)
  await refresh(playground, refresh_token)

  const live = await stream.take(5)
  expect(live.at(-1)).toMatchObject({ endpoint: 'token', grant: 'refresh_token', status: 200 })
  const later = await openStream({ 'last-event-id': String(entries.at(-1)?.seq) })
  expect(await later.take(5)).toEqual(live)
  await Promise.all([stream.close(), later.close()])
})

async function openStream(headers: Record<string, string> = {}) {
  const { body } = await fetch(`${playground.url}/playground/log/stream`, { headers })
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const found: unknown[] = []
  return {
    async take(count: number) {
      while (found.length < count) {
        text += (await reader.read()).value
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1]
          if (data) found.push(JSON.parse(data))
        }
      }
      return found.splice(0, count)
    },
    close: () => reader.cancel(),
  }
}
