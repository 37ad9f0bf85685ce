import { createHash, randomBytes } from 'node:crypto'

export interface Addresses {
  readonly url: string
  readonly issuer: string
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly id_token: string
  readonly expires_in: number
  readonly scope: string
}

export const passwords = { alice: 'wonderland', bob: 'builder', carol: 'christmas' } as const

export type Login = keyof typeof passwords

const clientId = 'playground'

/** A browser without a screen: it keeps cookies, follows redirects and submits forms. */
export class Visitor {
  readonly #playground: Addresses
  readonly #cookies = new Map<string, string>()

  constructor(playground: Addresses) {
    this.#playground = playground
  }

  /** Authorization code with PKCE, from the page's first redirect to the tokens. */
  async signIn(login: Login, parameters: Record<string, string> = {}): Promise<Tokens> {
    const verifier = randomBytes(32).toString('base64url')
    let answer = await this.open(this.authorizationUrl(verifier, parameters))
    if (answer.html) answer = await this.submit(answer.html, { login, password: passwords[login] })
    // Another account was signed in: the provider has that one signed out first, by a form that sends itself.
    if (answer.html) answer = await this.submit(answer.html, {})
    const code = new URL(answer.url).searchParams.get('code')
    if (!code) throw new Error(`The sign-in ended at ${answer.url}.`)
    const response = await this.exchange(code, verifier)
    if (!response.ok) throw new Error(`The code was answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Tokens
  }

  authorizationUrl(verifier: string, parameters: Record<string, string> = {}): string {
    const url = new URL('/auth', this.#playground.issuer)
    url.search = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: `${this.#playground.url}/`,
      scope: 'openid profile email',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    }).toString()
    return url.href
  }

  exchange(code: string, verifier: string): Promise<Response> {
    return postForm(`${this.#playground.issuer}/token`, {
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: `${this.#playground.url}/`,
      code_verifier: verifier,
    })
  }

  /** Follows redirects until a page of the authorization server shows, or the app's address is reached. */
  async open(url: string, init: RequestInit = {}): Promise<{ url: string; status: number; html?: string }> {
    if (new URL(url).origin === this.#playground.url) return { url, status: 200 }
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', ...(init.headers as Record<string, string>), cookie }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value) this.#cookies.set(name, value)
      else this.#cookies.delete(name)
    }
    const location = response.headers.get('location')
    if (location) return this.open(new URL(location, url).href)
    return { url, status: response.status, html: await response.text() }
  }

  /** Submits the first form of a page, with its hidden fields and these. */
  submit(html: string, fields: Record<string, string>): Promise<{ url: string; status: number; html?: string }> {
    const action = /<form[^>]*? action="([^"]+)"/.exec(html)?.[1]
    const form = /<form[\s\S]*?<\/form>/.exec(html)?.[0] ?? ''
    if (!action) throw new Error('The page has no form.')
    const hidden = [...form.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    const body = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
      ...fields,
    })
    return this.open(new URL(action, this.#playground.issuer).href, { method: 'POST', body })
  }
}

/** Signs in with a browser of its own. */
export function signIn(playground: Addresses, login: Login = 'alice'): Promise<Tokens> {
  return new Visitor(playground).signIn(login)
}

/** Presents a refresh token, as the playground's page would. */
export function refresh(playground: Addresses, refreshToken: string, init: RequestInit = {}): Promise<Response> {
  const fields = { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken }
  return postForm(`${playground.issuer}/token`, fields, { headers: { origin: playground.url }, ...init })
}

export function revoke(playground: Addresses, token: string): Promise<Response> {
  return postForm(`${playground.issuer}/token/revocation`, { client_id: clientId, token })
}

/** Uses one of the playground's controls. */
export function order(playground: Addresses, path: string, body: object = {}): Promise<Response> {
  return fetch(`${playground.url}/playground/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: playground.url },
    body: JSON.stringify(body),
  })
}

export async function readLog(playground: Addresses): Promise<{ entries: LogLine[]; refreshRequests: number }> {
  const response = await fetch(`${playground.url}/playground/log`)
  return (await response.json()) as { entries: LogLine[]; refreshRequests: number }
}

export interface LogLine {
  seq: number
  at: number
  endpoint: string
  grant?: string
  status: number
  fault?: string
  error?: string
}

function postForm(url: string, fields: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), ...init })
}
