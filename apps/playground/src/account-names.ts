import type { Session } from '@authflight/client'
import { recall, remember } from './page-memory.ts'

const key = 'authflight-playground.names'
const names = new Map(Object.entries(readNames()))

/**
 * Remembers who an account is, so that the panel can say so: records know accounts by random ids only. As long as the tab lives, for a
 * sign-out takes the page away.
 */
export function rememberName({ account, user }: Session): void {
  if (user?.name === undefined) return
  names.set(account, user.name)
  remember('sessionStorage', key, JSON.stringify(Object.fromEntries(names)))
}

export const accountName = (account: string): string | undefined => names.get(account)

function readNames(): Record<string, string> {
  try {
    return JSON.parse(recall('sessionStorage', key) ?? '{}') as Record<string, string>
  } catch {
    return {}
  }
}
