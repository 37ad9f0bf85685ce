import { onePer } from '../base/one-per.ts'
import type { Realm } from '../realm/realm.ts'

/** The claims that flights of a realm stand behind, also those whose client is gone and whose write is still owed. */
export interface Presenting {
  readonly size: number
  has(claim: string): boolean
  begin(claim: string): void
  end(claim: string): void
  /** Calls back when the realm presents nothing, at once where that is so: a closed client answers for its claims until then. */
  onIdle(idle: () => void): void
}

export const presentingIn: (realm: Realm) => Presenting = onePer(() => {
  const claims = new Set<string>()
  const whenIdle = new Set<() => void>()
  return {
    get size() {
      return claims.size
    },
    has: (claim) => claims.has(claim),
    begin: (claim) => void claims.add(claim),
    end(claim) {
      claims.delete(claim)
      if (claims.size > 0) return
      for (const idle of whenIdle) idle()
      whenIdle.clear()
    },
    onIdle(idle) {
      if (claims.size === 0) idle()
      else whenIdle.add(idle)
    },
  }
})
