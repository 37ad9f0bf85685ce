import type { Exchange } from './endpoints/context.ts'
import type { Signer } from './signing.ts'

/** Reads a request once, so that endpoints, faults and the log need not. Signed tokens become their `jti`. */
export async function readExchange(
  request: Request,
  signer: Signer,
  issuerPath: string,
): Promise<Omit<Exchange, 'entry'>> {
  const url = new URL(request.url)
  const form = request.method === 'POST' ? new URLSearchParams(await request.text()) : url.searchParams
  const token = form.get('token')
  if (token !== null) form.set('token', unwrap(signer, token))
  return { url, issuer: url.origin + issuerPath, form, bearer: readBearer(request, signer) }
}

/** The value of the access token in the `Authorization` header (RFC 6750, section 2.1); `null` without one. */
export function readBearer(request: Request, signer: Signer): string | null {
  const [scheme = '', token = ''] = (request.headers.get('authorization') ?? '').split(' ')
  return /^(bearer|dpop)$/i.test(scheme) ? unwrap(signer, token) : null
}

function unwrap(signer: Signer, token: string): string {
  return signer.accessTokens.get(token)?.value ?? token
}
