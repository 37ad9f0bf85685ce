/**
 * What a server does with a refresh token, and above all with a rotated one that comes again.
 *
 * - `strict`: rotates at every use. A rotated token that comes again ends the session, its access tokens too
 *   (oidc-provider).
 * - `idempotent`: the parent of the active token gets the same active child, at any time. Anything older revokes the
 *   family.
 * - `grace`: as `idempotent`, but only within `seconds` of the rotation (better-auth, FusionAuth).
 * - `branches`: within `seconds` of the rotation a rotated token gets a new token each time, and all of them live
 *   (Ory Hydra, Okta; Auth0, where it is the last but one).
 * - `non-rotating`: the token stays; the answer repeats it (`same`) or has none (`none`).
 * - `sometimes-rotating`: rotates at every `every`th refresh of a session and keeps the token otherwise; strict about a
 *   rotated one.
 * - `gotrue-v1`: the parent of the newest token gets that token, at any time; any other, within `seconds` of its rotation, one more new token;
 *   else the family is revoked.
 * - `gotrue-v2`: the parent of the newest token gets that token, at any time, and so does any other within `seconds` of the session's last refresh;
 *   else the session ends.
 */
export type ReuseProfile =
  | { readonly name: 'strict' }
  | { readonly name: 'idempotent' }
  | { readonly name: 'grace'; readonly seconds: number }
  | { readonly name: 'branches'; readonly seconds: number }
  | { readonly name: 'non-rotating'; readonly answer: 'same' | 'none' }
  | { readonly name: 'sometimes-rotating'; readonly every: number }
  | { readonly name: 'gotrue-v1' | 'gotrue-v2'; readonly seconds: number }

export type ReuseProfileName = ReuseProfile['name']

const defaults: { readonly [Name in ReuseProfileName]: ReuseProfile & { readonly name: Name } } = {
  strict: { name: 'strict' },
  idempotent: { name: 'idempotent' },
  grace: { name: 'grace', seconds: 30 },
  branches: { name: 'branches', seconds: 60 },
  'non-rotating': { name: 'non-rotating', answer: 'same' },
  'sometimes-rotating': { name: 'sometimes-rotating', every: 2 },
  'gotrue-v1': { name: 'gotrue-v1', seconds: 10 },
  'gotrue-v2': { name: 'gotrue-v2', seconds: 10 },
}

/** The profile of that name with its defaults: 30 s of grace, 60 s for branches, `same`, every 2nd refresh, 10 s for GoTrue. */
export function readProfile(profile: ReuseProfile | ReuseProfileName): ReuseProfile {
  if (typeof profile !== 'string') return profile
  const found = defaults[profile]
  if (!found) throw new TypeError(`No reuse profile '${profile}'. There are: ${Object.keys(defaults).join(', ')}.`)
  return found
}

/** What is known of a presented refresh token whose session lives. */
export interface Presented {
  /** Epoch milliseconds; `null` while the token is active. */
  readonly rotatedAt: number | null
  /** Whether the token that replaced it is active. */
  readonly childIsActive: boolean
  /** Whether the newest active token of the session came of it. */
  readonly isParentOfNewest: boolean
  /** When its session was last granted tokens, epoch milliseconds. */
  readonly refreshedAt: number
  /** How often the session was refreshed before. */
  readonly refreshes: number
}

/**
 * - `rotate`: a new token replaces it
 * - `keep`: it stays
 * - `repeat`: its active child is handed out again
 * - `newest`: the newest token of its session is handed out again
 * - `branch`: one more new token, beside the others
 * - `revoke_family`: no refresh token of the session works again, access tokens live out their time
 * - `end_session`: nothing of the session works again
 */
export type Judgement = 'rotate' | 'keep' | 'repeat' | 'newest' | 'branch' | 'revoke_family' | 'end_session'

/** The whole difference between the profiles. */
export function judge(profile: ReuseProfile, presented: Presented, now: number): Judgement {
  if (profile.name === 'non-rotating') return 'keep'
  if (presented.rotatedAt === null) {
    const keeps = profile.name === 'sometimes-rotating' && (presented.refreshes + 1) % profile.every !== 0
    return keeps ? 'keep' : 'rotate'
  }
  const age = (now - presented.rotatedAt) / 1000
  switch (profile.name) {
    case 'strict':
    case 'sometimes-rotating':
      return 'end_session'
    case 'idempotent':
      return presented.childIsActive ? 'repeat' : 'revoke_family'
    case 'grace':
      return presented.childIsActive && age <= profile.seconds ? 'repeat' : 'revoke_family'
    case 'branches':
      return age <= profile.seconds ? 'branch' : 'revoke_family'
    case 'gotrue-v1':
      if (presented.isParentOfNewest) return 'newest'
      return age <= profile.seconds ? 'branch' : 'revoke_family'
    case 'gotrue-v2': {
      const isRecent = (now - presented.refreshedAt) / 1000 < profile.seconds
      return presented.isParentOfNewest || isRecent ? 'newest' : 'end_session'
    }
  }
}
