import type { Store } from './store.ts'

/** Whether there can be tabs beside this one, and reloads. */
export const isPage = (): boolean => typeof document !== 'undefined'

/** What a page with tabs loses with this store, and what to do, in one sentence; null where it loses nothing. */
export function describeWeakness({ type, persistent, atomic }: Store): string | null {
  if (persistent && atomic !== 'realm') return null
  const weakness = persistent
    ? `on a ${type} store two tabs can present one refresh token at once, and a strict server signs the user out`
    : `a session kept in a ${type} store is lost at a reload and unknown to other tabs`
  return `Authflight: ${weakness}; leave \`storage\` out to keep the session in IndexedDB.`
}

const said = new Set<string>()

export function warnOnce(sentence: string): void {
  if (said.has(sentence)) return
  said.add(sentence)
  console.warn(sentence)
}
