import type { Context } from 'oidc-provider'

/** Seconds a refresh token lives unless somebody changes it. */
const usual = 8 * 3600

/** How long refresh tokens live, and whether the server says so. Most do not. */
export class RefreshLifetime {
  /** Seconds, from the next token on, told beside each; null: eight hours, and not told. */
  told: number | null = null

  get seconds(): number {
    return this.told ?? usual
  }

  /** Adds `refresh_expires_in`, as Keycloak does, to an answer that brings a refresh token. */
  tell({ body }: Context) {
    const answer = body as Record<string, unknown> | null | undefined
    if (this.told !== null && answer?.['refresh_token']) answer['refresh_expires_in'] = this.told
  }
}
