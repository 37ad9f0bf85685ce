import { judge, type ReuseProfile } from './reuse-profile.ts'
import type { AccessToken, AuthorizationCode, EndReason, RefreshToken, Session, TestUser } from './session.ts'

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
  const sessions: Session[] = []
  const codes = new Map<string, AuthorizationCode>()
  const refreshTokens = new Map<string, RefreshToken>()
  const accessTokens = new Map<string, AccessToken>()

  function openSession(request: Omit<CodeRequest, 'redirectUri' | 'challenge'>): Session {
    const { user, clientId, scope, resource, nonce } = request
    const id = `session-${sessions.length + 1}`
    const session: Session = {
      id,
      user,
      clientId,
      scope,
      resource,
      nonce,
      refreshes: 0,
      refreshedAt: now(),
      ended: null,
    }
    sessions.push(session)
    return session
  }

  function mintRefreshToken(session: Session, parent: RefreshToken | null): RefreshToken {
    const token: RefreshToken = {
      id: `refresh-${refreshTokens.size + 1}`,
      value: newSecret('refresh'),
      session,
      parent,
      generation: (parent?.generation ?? 0) + 1,
      expiresAt: now() + options.refreshTokenTtl * 1000,
      rotated: null,
    }
    refreshTokens.set(token.value, token)
    return token
  }

  function mintAccessToken(session: Session, scope: string): AccessToken {
    const issuedAt = now()
    const token: AccessToken = {
      id: `access-${accessTokens.size + 1}`,
      value: newSecret('access'),
      session,
      scope,
      issuedAt,
      expiresAt: issuedAt + accessTokenTtl * 1000,
      revoked: false,
    }
    accessTokens.set(token.value, token)
    return token
  }

  function endSession(session: Session, because: EndReason, accessTokensLive = false): void {
    // A family revoked before may still lose its access tokens; an ended session never gets them back.
    if (!session.ended || (session.ended.accessTokensLive && !accessTokensLive)) {
      session.ended = { because, accessTokensLive }
    }
  }

  /** An authorization code, good for one minute and one use (RFC 6749, section 4.1.2). */
  function issueCode(request: CodeRequest): AuthorizationCode {
    const code: AuthorizationCode = {
      id: `code-${codes.size + 1}`,
      value: newSecret('code'),
      session: openSession(request),
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
    if (!code || code.session.clientId !== request.clientId) return refuse()
    if (code.used) {
      endSession(code.session, 'code_reuse')
      return refuse(true)
    }
    if (code.expiresAt <= now() || code.session.ended) return refuse()
    code.used = true
    if (code.redirectUri !== request.redirectUri || code.challenge !== request.challenge) return refuse()
    return firstTokens(code.session)
  }

  function refresh(request: { token: string; clientId: string; scope?: string }): Verdict {
    const token = refreshTokens.get(request.token)
    if (!token || token.session.clientId !== request.clientId) return refuse()
    const { session } = token
    const reused = token.rotated !== null
    if (session.ended || token.expiresAt <= now()) return refuse(reused)
    const scope = request.scope ?? session.scope
    if (!isWithin(scope, session.scope)) return { granted: false, error: 'invalid_scope', reused: false }

    const child = token.rotated?.child
    const newest = [...refreshTokens.values()].findLast((other) => other.session === session && isActive(other))
    const presented = {
      rotatedAt: token.rotated?.at ?? null,
      childIsActive: child !== undefined && isActive(child),
      isParentOfNewest: newest?.parent === token,
      refreshedAt: session.refreshedAt,
      refreshes: session.refreshes,
    }
    const judgement = judge(profile, presented, now())
    if (judgement === 'revoke_family' || judgement === 'end_session') {
      endSession(session, 'reuse', judgement === 'revoke_family')
      return refuse(true)
    }
    session.refreshes++
    session.refreshedAt = now()
    switch (judgement) {
      case 'rotate': {
        const successor = mintRefreshToken(session, token)
        token.rotated = { at: now(), child: successor }
        return grantTokens(session, successor, scope, reused)
      }
      case 'branch':
        return grantTokens(session, mintRefreshToken(session, token), scope, reused)
      case 'repeat':
        return grantTokens(session, child ?? null, scope, reused)
      case 'newest':
        return grantTokens(session, newest ?? null, scope, reused)
      case 'keep': {
        const isSilent = profile.name === 'non-rotating' && profile.answer === 'none'
        return grantTokens(session, isSilent ? null : token, scope, reused)
      }
    }
  }

  function firstTokens(session: Session) {
    return grantTokens(session, mintRefreshToken(session, null), session.scope)
  }

  function grantTokens(session: Session, refreshToken: RefreshToken | null, scope: string, reused = false) {
    return { granted: true as const, accessToken: mintAccessToken(session, scope), refreshToken, reused }
  }

  /** Token revocation (RFC 7009): a refresh token ends its whole session, an access token itself. Unknown: nothing. */
  function revoke(value: string): void {
    const refreshToken = refreshTokens.get(value)
    if (refreshToken) endSession(refreshToken.session, 'revoked')
    const accessToken = accessTokens.get(value)
    if (accessToken) accessToken.revoked = true
  }

  const isExpired = ({ expiresAt }: { readonly expiresAt: number }): boolean => expiresAt <= now()

  /** Whether the token would be granted something and is not rotated. */
  function isActive(token: RefreshToken): boolean {
    return token.rotated === null && !token.session.ended && token.expiresAt > now()
  }

  /** The access token if it is good now, else `null`. */
  function checkAccess(value: string): AccessToken | null {
    const token = accessTokens.get(value)
    if (!token || token.revoked || token.expiresAt <= now()) return null
    return token.session.ended && !token.session.ended.accessTokensLive ? null : token
  }

  return {
    openSession,
    firstTokens,
    issueCode,
    redeemCode,
    refresh,
    revoke,
    checkAccess,
    isActive,
    isExpired,
    endSession,
    /** The token or code of that value. */
    find: (value: string) => refreshTokens.get(value) ?? accessTokens.get(value) ?? codes.get(value),
    /** Seconds, for access tokens issued from now on. */
    setAccessTokenTtl: (seconds: number) => void (accessTokenTtl = seconds),
    sessions: sessions as readonly Session[],
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
