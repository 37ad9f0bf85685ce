import type { AuthServer, SignInOptions } from '../src/index.ts'

/** A refresh as a careless client would send it: whatever comes back is given on. */
export function sendRefresh(
  server: AuthServer,
  refreshToken: string,
  change: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'spa',
    refresh_token: refreshToken,
    ...change,
  })
  return server.fetch(`${server.issuer}/token`, { method: 'POST', body })
}

/** The refresh token of a new sign-in. */
export async function newRefreshToken(server: AuthServer, options?: SignInOptions): Promise<string> {
  const { refresh_token: token } = await server.signIn(options)
  if (token === undefined) throw new Error('A sign-in gives a refresh token.')
  return token
}

export async function readTokens(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}
