import type { IncomingMessage } from 'node:http'
import * as oauth4 from 'oauth4webapi'
import { apiAudience, listen } from './openid-provider.ts'

/** One request to the API. `proof`: the claims of its DPoP proof. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly authorization: string
  readonly proof: Readonly<Record<string, unknown>> | null
  readonly body: string
  readonly status: number
}

export interface DpopApi {
  readonly origin: string
  readonly calls: readonly Call[]
  /** The nonce that proofs must carry; null: none. */
  nonce: string | null
  /** Refuses the next tokens as expired. */
  refuse: number
}

export interface ApiOptions {
  /** The JSON of an answer to the nth call that it likes. */
  readonly answer?: (n: number, body: string) => unknown
  /** Default true. */
  readonly requireDPoP?: boolean
}

/** An API that takes a token only with a proof for this very request, checked by the library (RFC 9449, section 4.3). */
export async function startDpopApi(
  issuer: string,
  { answer = (n) => ({ n }), requireDPoP = true }: ApiOptions = {},
): Promise<DpopApi> {
  const calls: Call[] = []
  const api = { origin: '', calls, nonce: null as string | null, refuse: 0 }
  const as: oauth4.AuthorizationServer = { issuer, jwks_uri: `${issuer}/jwks` }

  async function judge(
    request: Request,
    proof: Call['proof'],
  ): Promise<{ status: number; headers: Record<string, string> }> {
    if (api.nonce !== null && proof?.['nonce'] !== api.nonce) {
      return { status: 401, headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': api.nonce } }
    }
    if (api.refuse > 0) {
      api.refuse -= 1
      return { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }
    }
    try {
      await oauth4.validateJwtAccessToken(as, request, apiAudience, {
        requireDPoP,
        [oauth4.allowInsecureRequests]: true,
      })
      return { status: 200, headers: {} }
    } catch {
      return { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }
    }
  }

  api.origin = await listen((incoming, outgoing) => {
    void (async () => {
      const { method = 'GET', url = '/', headers } = incoming
      const body = await readText(incoming)
      const { authorization = '' } = headers
      const proof = claimsOf(headers['dpop'])
      const request = new Request(new URL(url, api.origin), { method, headers: toHeaders(headers) })
      const { status, headers: told } = url.startsWith('/moved')
        ? { status: 307, headers: { location: '/me' } }
        : await judge(request, proof)
      calls.push({ method, path: url, authorization, proof, body, status })
      outgoing.writeHead(status, { 'content-type': 'application/json', ...told })
      outgoing.end(JSON.stringify(answer(calls.length, body)))
    })()
  })
  return api
}

const toHeaders = (headers: IncomingMessage['headers']): Headers =>
  new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]))

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export function claimsOf(proof: unknown): Record<string, unknown> | null {
  if (typeof proof !== 'string') return null
  return JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
