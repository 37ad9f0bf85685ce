import type { Session } from '@authflight/client'

const names = new Map<string, string>()

/** Remembers who an account is, so that the panel can say so: records know accounts by random ids only. */
export function rememberName({ account, user }: Session): void {
  if (user?.name !== undefined) names.set(account, user.name)
}

export const accountName = (account: string): string | undefined => names.get(account)
