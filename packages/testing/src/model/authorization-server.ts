import type { AccessToken, AuthorizationCode, EndReason, Grant, RefreshToken, TestUser } from './grant.ts'
import { judge, type ReuseProfile } from './reuse-profile.ts'

export type SecretKind = 'refresh' | 'access' | 'code'

export interface ModelOptions {
  readonly profile: ReuseProfile
  /** Seconds. */
  readonly accessTokenTtl: number
  /** Seconds; `Infinity` for tokens that never expire. A rotation starts the time anew. */
  readonly refreshTokenTtl: number
  /** Epoch milliseconds. */
  readonly now: () => number
  /** A new secret, unique and unguessable. */
  readonly newSecret: (kind: SecretKind) => string
}

export interface CodeRequest {
  readonly user: TestUser
  readonly clientId: string
  readonly redirectUri: string
  readonly scope: string
  readonly resource: string | null
  readonly nonce: string | null
  readonly challenge: string
}

/** What the token endpoint decided. `reused` says that a rotated refresh token or a used code came again. */
export type Verdict =
  | {
      readonly granted: true
      readonly accessToken: AccessToken
      /** `null` where the answer carries none. */
      readonly refreshToken: RefreshToken | null
      readonly reused: boolean
    }
  | { readonly granted: false; readonly error: 'invalid_grant' | 'invalid_scope'; readonly reused: boolean }

export type Model = ReturnType<typeof createModel>

/**
 * An authorization server without HTTP: synchronous, so each call is one indivisible step, and deterministic in `now`
 * and `newSecret`. Tokens are looked up by value and never forgotten, so that a late one is still recognised.
 */
export function createModel(options: ModelOptions) {
  const { profile, now, newSecret } = options
  let { accessTokenTtl } = options
  const grants: Grant[] = []
  const codes = new Map<string, AuthorizationCode>()
  const refreshTokens = new Map<string, RefreshToken>()
  const accessTokens = new Map<string, AccessToken>()

  function openGrant({
    user,
    clientId,
    scope,
    resource,
    nonce,
  }: Omit<CodeRequest, 'redirectUri' | 'challenge'>): Grant {
    const id = `grant-${grants.length + 1}`
    const grant: Grant = { id, user, clientId, scope, resource, nonce, refreshes: 0, ended: null }
    grants.push(grant)
    return grant
  }

  function mintRefreshToken(grant: Grant, parent: RefreshToken | null): RefreshToken {
    const token: RefreshToken = {
      id: `refresh-${refreshTokens.size + 1}`,
      value: newSecret('refresh'),
      grant,
      parent,
      generation: (parent?.generation ?? 0) + 1,
      expiresAt: now() + options.refreshTokenTtl * 1000,
      rotated: null,
    }
    refreshTokens.set(token.value, token)
    return token
  }

  function mintAccessToken(grant: Grant, scope: string): AccessToken {
    const issuedAt = now()
    const token: AccessToken = {
      id: `access-${accessTokens.size + 1}`,
      value: newSecret('access'),
      grant,
      scope,
      issuedAt,
      expiresAt: issuedAt + accessTokenTtl * 1000,
      revoked: false,
    }
    accessTokens.set(token.value, token)
    return token
  }

  function endGrant(grant: Grant, because: EndReason, accessTokensLive = false): void {
    // A family revoked before may still lose its access tokens; an ended grant never gets them back.
    if (!grant.ended || (grant.ended.accessTokensLive && !accessTokensLive)) {
      grant.ended = { because, accessTokensLive }
    }
  }

  /** An authorization code, good for one minute and one use (RFC 6749, section 4.1.2). */
  function issueCode(request: CodeRequest): AuthorizationCode {
    const code: AuthorizationCode = {
      id: `code-${codes.size + 1}`,
      value: newSecret('code'),
      grant: openGrant(request),
      redirectUri: request.redirectUri,
      challenge: request.challenge,
      expiresAt: now() + 60_000,
      used: false,
    }
    codes.set(code.value, code)
    return code
  }

  /** `challenge` is what the presented verifier hashes to. A used code that comes again ends what it gave. */
  function redeemCode(request: { code: string; clientId: string; redirectUri: string; challenge: string }): Verdict {
    const code = codes.get(request.code)
    if (!code || code.grant.clientId !== request.clientId) return refuse()
    if (code.used) {
      endGrant(code.grant, 'code_reuse')
      return refuse(true)
    }
    if (code.expiresAt <= now() || code.grant.ended) return refuse()
    code.used = true
    if (code.redirectUri !== request.redirectUri || code.challenge !== request.challenge) return refuse()
    return firstTokens(code.grant)
  }

  function refresh(request: { token: string; clientId: string; scope?: string }): Verdict {
    const token = refreshTokens.get(request.token)
    if (!token || token.grant.clientId !== request.clientId) return refuse()
    const { grant } = token
    const reused = token.rotated !== null
    if (grant.ended || token.expiresAt <= now()) return refuse(reused)
    const scope = request.scope ?? grant.scope
    if (!isWithin(scope, grant.scope)) return { granted: false, error: 'invalid_scope', reused: false }

    const child = token.rotated?.child
    const presented = {
      rotatedAt: token.rotated?.at ?? null,
      childIsActive: child !== undefined && child.rotated === null,
      refreshes: grant.refreshes,
    }
    const judgement = judge(profile, presented, now())
    if (judgement === 'revoke_family' || judgement === 'end_grant') {
      endGrant(grant, 'reuse', judgement === 'revoke_family')
      return refuse(true)
    }
    grant.refreshes++
    switch (judgement) {
      case 'rotate': {
        const successor = mintRefreshToken(grant, token)
        token.rotated = { at: now(), child: successor }
        return grantTokens(grant, successor, scope, reused)
      }
      case 'branch':
        return grantTokens(grant, mintRefreshToken(grant, token), scope, reused)
      case 'repeat':
        return grantTokens(grant, child ?? null, scope, reused)
      case 'keep': {
        const isSilent = profile.name === 'non-rotating' && profile.answer === 'none'
        return grantTokens(grant, isSilent ? null : token, scope, reused)
      }
    }
  }

  function firstTokens(grant: Grant) {
    return grantTokens(grant, mintRefreshToken(grant, null), grant.scope)
  }

  function grantTokens(grant: Grant, refreshToken: RefreshToken | null, scope: string, reused = false) {
    return { granted: true as const, accessToken: mintAccessToken(grant, scope), refreshToken, reused }
  }

  /** Token revocation (RFC 7009): a refresh token ends its whole grant, an access token itself. Unknown: nothing. */
  function revoke(value: string): void {
    const refreshToken = refreshTokens.get(value)
    if (refreshToken) endGrant(refreshToken.grant, 'revoked')
    const accessToken = accessTokens.get(value)
    if (accessToken) accessToken.revoked = true
  }

  /** The access token if it is good now, else `null`. */
  function checkAccess(value: string): AccessToken | null {
    const token = accessTokens.get(value)
    if (!token || token.revoked || token.expiresAt <= now()) return null
    return token.grant.ended && !token.grant.ended.accessTokensLive ? null : token
  }

  return {
    openGrant,
    firstTokens,
    issueCode,
    redeemCode,
    refresh,
    revoke,
    checkAccess,
    endGrant,
    /** The token or code of that value. */
    find: (value: string) => refreshTokens.get(value) ?? accessTokens.get(value) ?? codes.get(value),
    /** Seconds, for access tokens issued from now on. */
    setAccessTokenTtl: (seconds: number) => void (accessTokenTtl = seconds),
    grants: grants as readonly Grant[],
    codes: codes as ReadonlyMap<string, AuthorizationCode>,
    refreshTokens: refreshTokens as ReadonlyMap<string, RefreshToken>,
    accessTokens: accessTokens as ReadonlyMap<string, AccessToken>,
  }
}

function refuse(reused = false): Verdict {
  return { granted: false, error: 'invalid_grant', reused }
}

/** Whether every scope of `part` is in `whole` (RFC 6749, section 6). */
function isWithin(part: string, whole: string): boolean {
  const allowed = new Set(whole.split(' '))
  return part.split(' ').every((scope) => scope === '' || allowed.has(scope))
}
