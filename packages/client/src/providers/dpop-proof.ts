import * as oauth4 from 'oauth4webapi'
import { isA } from '../base/is-a.ts'
import { isStream, requestOf } from '../base/request.ts'
import type { Binding } from './provider.ts'

/**
 * Sends a request with a proof of a key, and once more where the answer brings a nonce that its proof did not have, or another time of day, and
 * `demands` it. What requests beside it have learned meanwhile says nothing about that proof.
 */
export type Prove = (
  key: CryptoKeyPair,
  method: string,
  now: () => number,
  send: (proof: oauth4.DPoPHandle) => Promise<Response>,
  demands: (answer: Response) => boolean | Promise<boolean>,
) => Promise<Response>

/**
 * Proofs with the nonces that servers want to see in them (RFC 9449, sections 8 and 9), and with the server's time where this device's is refused
 * (section 11.1). What an origin says holds there alone, but for the time of the authorization server, which holds until another one is told.
 */
export function rememberNonces(authority: string): Prove {
  const home = new URL(authority).origin
  const nonces = new Map<string, string>()
  /** Seconds by which a server is ahead of the clock of this client, where it has refused a proof for that. */
  const skews = new Map<string, number>()
  return async (key, method, now, send, demands) => {
    let origin = ''
    let by = 0
    const once = async (): Promise<[answer: Response, isNamed: boolean]> => {
      let sent: string | undefined
      const answer = await send(
        oauth4.DPoP({}, key, {
          [oauth4.modifyAssertion](_header, proof) {
            origin = new URL(proof.htu as string).origin
            by = skews.get(origin) ?? skews.get(home) ?? 0
            // The library signs any method in capitals, and knows no clock but the device's.
            proof.htm = method
            proof.iat = Math.floor(now() / 1_000) + by
            proof.nonce = sent = nonces.get(origin)
          },
        }),
      )
      const nonce = answer.headers.get('dpop-nonce')
      if (nonce) nonces.set(origin, nonce)
      return [answer, !!nonce && nonce !== sent]
    }
    const [answer, isNamed] = await once()
    const ahead = Math.round((Date.parse(answer.headers.get('date') as string) - now()) / 1_000)
    // An answer takes its time, and is dated to the second.
    const isOff = Math.abs(ahead - by) > 5
    if (!(isNamed || isOff) || !(await demands(answer))) return answer
    if (isOff) skews.set(origin, ahead)
    return (await once())[0]
  }
}

/** Both halves of it, as they were made: a store or a message that keeps text gives something else back. */
export const isKeyPair = (pair: unknown): pair is CryptoKeyPair => {
  const { privateKey, publicKey } = (pair ?? {}) as Partial<CryptoKeyPair>
  return [privateKey, publicKey].every((key) => isA('CryptoKey', key))
}

/**
 * A fetch that shows an access token with a proof for this method and address (RFC 9449, section 7), and once more where the server
 * names a nonce for it and the body can be sent again. A request without `Authorization` goes as it is. Redirects are errors: the
 * proof is for one address. Without the key nobody is asked, and the answer is the 401 that a server would give.
 */
export function carryProof(
  prove: Prove,
  bound: Binding | undefined,
  through: typeof fetch,
  now: () => number,
): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers)
    const accessToken = headers.get('authorization')?.replace(/^\S+ /, '')
    if (!accessToken) return through(input, init)
    const key = bound?.key
    if (!isKeyPair(key)) return new Response(null, { status: 401 })

    const request = requestOf(input)
    const url = new URL(request?.url ?? (input as string | URL))
    // Of a method in small letters, `fetch` sends some in capitals and others as they are.
    const { method } = new Request(url, { method: init?.method ?? request?.method ?? 'GET' })
    const redirect = (init?.redirect ?? request?.redirect) === 'manual' ? 'manual' : 'error'
    const replayable = !isStream(init?.body)
    const spare = replayable && request && !init?.body ? request.clone() : null
    let next = input
    return prove(
      key,
      method,
      now,
      async (proof) => {
        headers.set('authorization', `DPoP ${accessToken}`)
        headers.set('dpop', await proofOf(proof, accessToken, method, url))
        return through(next, { ...init, headers, redirect })
      },
      (answer) => {
        if (answer.status !== 401 || !replayable || !mayWantAnother(answer)) return false
        void answer.body?.cancel().catch(() => {})
        next = spare ?? input
        return true
      },
    )
  }
}

/** Across origins the challenge can be read only where the server exposes it; a new nonce beside a 401 says enough. */
const mayWantAnother = ({ headers }: Response): boolean =>
  headers.get('www-authenticate')?.includes(asksForProof) ?? true

/** Stands in `use_dpop_nonce` and `invalid_dpop_proof`. */
export const asksForProof = 'dpop_'

/** The library makes proofs only with requests: this one is not sent. */
async function proofOf(DPoP: oauth4.DPoPHandle, accessToken: string, method: string, url: URL): Promise<string> {
  let proof = ''
  await oauth4.protectedResourceRequest(accessToken, method, url, undefined, undefined, {
    DPoP,
    // Where a token may go was decided before.
    [oauth4.allowInsecureRequests]: true,
    [oauth4.customFetch]: async (_, { headers }) => {
      proof = headers.dpop ?? ''
      return new Response()
    },
  })
  return proof
}
