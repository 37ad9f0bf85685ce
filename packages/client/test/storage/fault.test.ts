import { expect, test } from 'vitest'
import { AuthError } from '../../src/index.ts'
import { asStorageError } from '../../src/storage/fault.ts'

test.each([
  ['QuotaExceededError', /full: free some space/],
  ['SecurityError', /may not use it: allow site data/],
  ['VersionError', /newer version of this client: reload/],
  ['InvalidStateError', /Try again; if it goes on, allow site data/],
])('a %s is named with its fix, and its own text is left out', (name, fix) => {
  const error = asStorageError(new DOMException('canary_text', name))
  expect(error).toMatchObject({ name: 'AuthRetryableFetchError', code: 'storage_error' })
  expect(error.message).toMatch(new RegExp(`^The session store failed \\(${name}\\)\\. .*${fix.source}`))
  expect(error.message).not.toContain('canary')
})

test.each([
  ['canary_text'],
  [null],
  [Object.assign(new Error('canary_text'), { name: 'canary text: it holds a record' })],
])('whatever is thrown, nothing of it is repeated (%#)', (fault) => {
  const { message } = asStorageError(fault)
  expect(message).toMatch(/^The session store failed\. Try again/)
  expect(message).not.toContain('canary')
})

test('an error of ours stays as it is', () => {
  const error = new AuthError('aborted', 'Went.')
  expect(asStorageError(error)).toBe(error)
})
