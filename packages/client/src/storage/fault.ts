import { AuthError, AuthRetryableFetchError } from '../base/errors.ts'

const fixes: Readonly<Record<string, string>> = {
  QuotaExceededError: 'It is full: free some space, or pass another `storage`.',
  SecurityError: 'This page may not use it: allow site data for this page, or pass another `storage`.',
  VersionError: 'It was made by a newer version of this client: reload the page.',
}

const otherFix = 'Try again; if it goes on, allow site data for this page and free some space.'

/** What a store failed with, as an error that names the fault and the fix. The store's own text may hold a record: it is left out. */
export function asStorageError(fault: unknown): AuthError {
  if (fault instanceof AuthError) return fault
  const name = fault instanceof Error && /^\w{1,40}$/.test(fault.name) ? fault.name : null
  return storageError(`The session store failed${name ? ` (${name})` : ''}. ${(name && fixes[name]) ?? otherFix}`)
}

/** A store's own complaint. It names no key and no record. */
export const storageError = (sentence: string): AuthError => new AuthRetryableFetchError('storage_error', sentence)
