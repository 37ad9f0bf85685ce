import * as oauth4 from 'oauth4webapi'
import { isStream } from '../fetch.ts'
import type { Binding } from './provider.ts'

/** The nonces that servers want to see in proofs, each told only to the origin that it came from (RFC 9449, sections 8 and 9). */
export interface Nonces {
  /** What signs proofs with a key, and with the nonce of whom they are for. */
  prover(key: CryptoKeyPair): oauth4.DPoPHandle
  /** Notes the nonce that an answer brings; false where it brings none, or the one that is known. */
  take(url: URL, answer: Response): boolean
}

export function rememberNonces(): Nonces {
  const nonces = new Map<string, string>()
  return {
    prover: (key) =>
      oauth4.DPoP({}, key, {
        [oauth4.modifyAssertion](_header, proof) {
          proof.nonce = nonces.get(new URL(proof.htu as string).origin)
        },
      }),
    take({ origin }, answer) {
      const nonce = answer.headers.get('dpop-nonce')
      if (!nonce || nonces.get(origin) === nonce) return false
      nonces.set(origin, nonce)
      return true
    },
  }
}

/** A store that keeps text gives something else back. */
export const isKeyPair = (key: unknown): key is CryptoKeyPair =>
  Object.prototype.toString.call((key as Partial<CryptoKeyPair> | null | undefined)?.privateKey) ===
  '[object CryptoKey]'

/**
 * A fetch that shows an access token with a proof for this method and address (RFC 9449, section 7), and once more where the server
 * names a nonce for it and the body can be sent again. A request without `Authorization` goes as it is. Redirects are errors: the
 * proof is for one address. Without the key nobody is asked, and the answer is the 401 that a server would give.
 */
export function carryProof(nonces: Nonces, bound: Binding | undefined, through: typeof fetch): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers)
    const accessToken = headers.get('authorization')?.replace(/^\S+ /, '')
    if (!accessToken) return through(input, init)
    const key = bound?.key
    if (!isKeyPair(key)) return new Response(null, { status: 401 })

    const request = input instanceof Request ? input : null
    const url = new URL(request?.url ?? (input as string | URL))
    const method = init?.method ?? request?.method ?? 'GET'
    const redirect = (init?.redirect ?? request?.redirect) === 'manual' ? 'manual' : 'error'
    const send = async (again: RequestInfo | URL): Promise<Response> => {
      headers.set('authorization', `DPoP ${accessToken}`)
      headers.set('dpop', await proofOf(nonces.prover(key), accessToken, method, url))
      return through(again, { ...init, headers, redirect })
    }

    const replayable = !isStream(init?.body)
    const spare = replayable && request && !init?.body ? request.clone() : null
    const first = await send(input)
    if (!nonces.take(url, first) || first.status !== 401 || !replayable || !mayWantNonce(first)) return first
    void first.body?.cancel().catch(() => {})
    const second = await send(spare ?? input)
    nonces.take(url, second)
    return second
  }
}

/** Across origins the challenge can be read only where the server exposes it; a new nonce beside a 401 says enough. */
const mayWantNonce = ({ headers }: Response): boolean =>
  headers.get('www-authenticate')?.includes('use_dpop_nonce') ?? true

/** The library makes proofs only with requests: this one is not sent. */
async function proofOf(prover: oauth4.DPoPHandle, accessToken: string, method: string, url: URL): Promise<string> {
  let proof = ''
  await oauth4.protectedResourceRequest(accessToken, method, url, undefined, undefined, {
    DPoP: prover,
    // Where a token may go was decided before.
    [oauth4.allowInsecureRequests]: true,
    [oauth4.customFetch]: async (_, { headers }) => {
      proof = headers.dpop ?? ''
      return new Response()
    },
  })
  return proof
}
