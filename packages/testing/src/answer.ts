/** A request that ended without an answer. `refused`: it never reached the server. `lost`: it may have. */
export type NetworkFailure = 'refused' | 'lost'

/** What becomes of a request: an answer, or none. A value, so that faults can be nested without try and catch. */
export type Answer = Response | NetworkFailure

const noStore = { 'cache-control': 'no-store' }

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...noStore, ...headers } })
}

/** An OAuth error (RFC 6749, section 5.2). */
export function oauthError(error: string, status = 400, description?: string): Response {
  return json(description === undefined ? { error } : { error, error_description: description }, status)
}

export function html(title: string, status: number): Response {
  const body = `<!doctype html><title>${title}</title><h1>${title}</h1>`
  return new Response(body, { status, headers: { ...noStore, 'content-type': 'text/html; charset=utf-8' } })
}

export function empty(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...noStore, ...headers } })
}

export function redirectTo(location: string): Response {
  return empty(302, { location })
}
