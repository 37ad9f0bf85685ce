import { describe, expect, test, vi } from 'vitest'
import { carryProof, rememberNonces } from '../../src/providers/dpop-proof.ts'
import { createDeferred } from '../support/deferred.ts'
import { claimsOf } from '../support/dpop-api.ts'

const api = 'https://api.example.test/items'
const key = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
  'sign',
  'verify',
])) as CryptoKeyPair
const withToken = { headers: { authorization: 'Bearer access-1' } }

/** A fetch that carries proofs, and the requests that left with what they carried. */
function setUp(answer: (nth: number) => Response = () => new Response(), now = Date.now) {
  const left: Headers[] = []
  const through = vi.fn(async (_input: RequestInfo | URL, init?: RequestInit) => {
    left.push(new Headers(init?.headers))
    return answer(left.length)
  })
  return {
    left,
    through,
    fetch: carryProof(rememberNonces('https://id.example.test/'), { type: 'dpop', key }, through, now),
  }
}

describe('a request', () => {
  test('without a token goes as it is: no proof, no token, and redirects as its caller has them', async () => {
    const { through, fetch } = setUp()
    const init = { method: 'POST', redirect: 'follow' } as const
    await fetch(api, init)
    expect(through.mock.calls).toEqual([[api, init]])
  })

  test('with a token shows it with a proof', async () => {
    const { left, fetch } = setUp()
    await fetch(api, withToken)
    expect(left[0]?.get('authorization')).toBe('DPoP access-1')
    expect(claimsOf(left[0]?.get('dpop') ?? '')).toMatchObject({ htm: 'GET', htu: api })
  })

  test('of another window, which is none of this one’s class, is proven for what it asks', async () => {
    const { left, fetch } = setUp()
    const foreign = {
      [Symbol.toStringTag]: 'Request',
      url: api,
      method: 'PUT',
      clone: () => foreign,
    } as unknown as Request
    await fetch(foreign, withToken)
    expect(claimsOf(left[0]?.get('dpop') ?? '')).toMatchObject({ htm: 'PUT', htu: api })
  })
})

describe('a 401 that names a nonce', () => {
  const refusal = () => new Response('Which nonce?', { status: 401, headers: { 'dpop-nonce': 'nonce-1' } })

  test('is read by nobody, so its body is let go before the request leaves again', async () => {
    const refused = refusal()
    const body = refused.body as ReadableStream<Uint8Array>
    const cancel = vi.spyOn(body, 'cancel')
    const { left, fetch } = setUp((nth) => (nth === 1 ? refused : new Response()))
    expect((await fetch(api, withToken)).status).toBe(200)
    expect(cancel).toHaveBeenCalledOnce()
    expect(left.map((headers) => claimsOf(headers.get('dpop') ?? '')?.['nonce'])).toEqual([undefined, 'nonce-1'])
  })

  test('is the answer where the body cannot be sent again, and stays to be read', async () => {
    const { left, fetch } = setUp(refusal)
    const answer = await fetch(api, {
      ...withToken,
      method: 'POST',
      body: new Blob(['once']).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(left).toHaveLength(1)
    expect(await answer.text()).toBe('Which nonce?')
  })
})

const hour = 3_600_000

test('a server whose clock is another takes proofs of this device’s time, as long as it does not complain', async () => {
  const date = new Date(Date.now() + hour).toUTCString()
  const { left, fetch } = setUp(() => new Response('ok', { headers: { date } }))
  await fetch(api, withToken)
  await fetch(api, withToken)
  const [first, second] = left.map((headers) => Number(claimsOf(headers.get('dpop'))?.['iat']))
  expect(left).toHaveLength(2)
  expect((second ?? 0) - (first ?? 0)).toBeLessThan(60)
})

test('what a server’s time is ahead of is the clock of the client, to the second, and is added to what that says by then', async () => {
  let time = 1_000_000_000_999
  const { left, fetch } = setUp(
    (nth) =>
      nth === 1
        ? new Response(null, { status: 401, headers: { date: new Date(time + hour).toUTCString() } })
        : new Response('ok'),
    () => time,
  )
  await fetch(api, withToken)
  time += 60_000
  await fetch(api, withToken)
  expect(left.map((headers) => claimsOf(headers.get('dpop'))?.['iat'])).toEqual([
    1_000_000_000, 1_000_003_599, 1_000_003_659,
  ])
})

// one     sent ── refused ── sent again ── ok
// other   sent ─────────────────────────────── refused
test('a proof that was refused for its time is sent again with the server’s, also where another request has learned that time meanwhile', async () => {
  const off: [path: string, minutes: number][] = []
  const later = createDeferred()
  const bothSent = createDeferred()
  const through: typeof fetch = async (input, init) => {
    const { pathname } = new URL(input as string)
    const iat = Number(claimsOf(new Headers(init?.headers).get('dpop'))?.['iat']) * 1_000
    const minutes = Math.round((Date.now() + hour - iat) / 60_000)
    if (off.push([pathname, minutes]) === 2) bothSent.resolve()
    await bothSent.promise
    if (minutes === 0) return new Response('ok')
    if (pathname === '/other') await later.promise
    const date = new Date(Date.now() + hour).toUTCString()
    return new Response(null, { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_dpop_proof"', date } })
  }
  const fetch = carryProof(rememberNonces('https://id.example.test/'), { type: 'dpop', key }, through, Date.now)
  const init = { headers: { authorization: 'Bearer access-1' } }
  const other = fetch('https://api.example.test/other', init)
  const one = await fetch('https://api.example.test/one', init)
  later.resolve()
  expect([one.status, (await other).status]).toEqual([200, 200])
  expect(off.map(([, minutes]) => minutes)).toEqual([60, 60, 0, 0])
})

describe('whose clock goes wrong', () => {
  const minutesOff = (init?: RequestInit): number =>
    Math.abs(
      Math.round((Number(claimsOf(new Headers(init?.headers).get('dpop'))?.['iat']) * 1_000 - Date.now()) / 60_000),
    )
  const init = { headers: { authorization: 'Bearer access-1' } }
  const datedBy = (minutes: number) =>
    new Response(null, { status: 401, headers: { date: new Date(Date.now() + minutes * 60_000).toUTCString() } })

  /** Asks these hosts in turn. What they were told of the time, by the minute: the wrong ones refuse all, the others nothing. */
  async function ask(wrong: Readonly<Record<string, number>>, hosts: readonly string[]) {
    const told: [host: string, minutes: number][] = []
    const through: typeof fetch = async (input, sent) => {
      const { host } = new URL(input as string)
      told.push([host, minutesOff(sent)])
      return host in wrong ? datedBy(wrong[host] ?? 0) : new Response('ok')
    }
    const fetch = carryProof(rememberNonces('https://id.test/'), { type: 'dpop', key }, through, Date.now)
    for (const host of hosts) await fetch(`https://${host}/`, init)
    return told
  }

  test('an API is shown its own time, and others are not', async () => {
    expect(await ask({ 'odd.test': 90 }, ['odd.test', 'good.test', 'id.test', 'odd.test'])).toEqual([
      ['odd.test', 0],
      ['odd.test', 90],
      ['good.test', 0],
      ['id.test', 0],
      ['odd.test', 90],
    ])
  })

  test('the time of the authorization server is shown to whoever has told none', async () => {
    expect(await ask({ 'id.test': 60, 'odd.test': 90 }, ['id.test', 'api.test', 'odd.test'])).toEqual([
      ['id.test', 0],
      ['id.test', 60],
      ['api.test', 60],
      ['odd.test', 60],
      ['odd.test', 90],
    ])
  })
})
