/** Of a token answer, or the claims of an ID token. */
export type Body = Record<string, unknown>

/** The same ID token with other claims. Nobody looks at its signature: it comes straight from the token endpoint. */
export function withClaims(change: (claims: Body) => Body): (body: Body) => Body {
  return (body) => {
    const [header, claims = '', signature] = String(body.id_token).split('.')
    const changed = change(JSON.parse(Buffer.from(claims, 'base64url').toString()) as Body)
    return {
      ...body,
      id_token: [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.'),
    }
  }
}
