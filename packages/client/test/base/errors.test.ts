import { expect, test, vi } from 'vitest'
import * as errors from '../../src/base/errors.ts'
import { readPage } from '../support/page-code.ts'

/** Another copy of the module, as a second bundle or realm has one. */
async function importCopy(): Promise<typeof errors> {
  vi.resetModules()
  return import('../../src/base/errors.ts')
}

const makers = {
  isAuthApiError: ({ AuthApiError }: typeof errors) => new AuthApiError('access_denied', 'Denied.', 400),
  isAuthRetryableFetchError: ({ AuthRetryableFetchError }: typeof errors) =>
    new AuthRetryableFetchError('network', 'No network.'),
  isAuthSessionMissingError: ({ AuthSessionMissingError }: typeof errors) => new AuthSessionMissingError(),
  isAuthClientDisposedError: ({ AuthClientDisposedError }: typeof errors) => new AuthClientDisposedError(),
  isAuthRefreshDiscardedError: ({ AuthRefreshDiscardedError }: typeof errors) =>
    new AuthRefreshDiscardedError('signed_out'),
}
const guards = Object.keys(makers) as (keyof typeof makers)[]

test.each(guards)('%s knows its error and no other, also of another copy of the package', async (guard) => {
  const copy = await importCopy()
  expect(copy.AuthError).not.toBe(errors.AuthError)
  for (const module of [errors, copy]) {
    const known = guards.filter((name) => errors[guard](makers[name](module)))
    expect(known).toEqual([guard])
    expect(errors.isAuthError(makers[guard](module))).toBe(true)
  }
})

test('a guard goes by the mark, not by a name that anybody can have', () => {
  const forged = Object.assign(new Error('forged'), { name: 'AuthApiError', code: 'access_denied' })
  expect(errors.isAuthApiError(forged)).toBe(false)
  expect(errors.isAuthError(forged)).toBe(false)
})

test.each([null, undefined, 'AuthError', 7, {}, new Error('plain')])('%s is no error of ours', (value) => {
  expect(errors.isAuthError(value)).toBe(false)
  for (const guard of guards) expect(errors[guard](value)).toBe(false)
})

test('the mark stays out of what is printed and listed', () => {
  const error = new errors.AuthError('timeout', 'Too late.')
  expect(Object.keys(error).toSorted()).toEqual(['code', 'name'])
  expect(`${error}`).toBe('AuthError: Too late.')
})

test.each([
  ['signed_out', /^A sign-out ended the session, so/],
  ['replaced', /^Another sign-in replaced the session, so/],
  ['cleared', /^The store was cleared, so/],
] as const)('a discard because of %s is expected, and says why', (reason, sentence) => {
  const error = new errors.AuthRefreshDiscardedError(reason)
  expect(error).toMatchObject({ code: 'refresh_discarded', reason, expected: true })
  expect(error.message).toMatch(sentence)
})

test('an error that is scheduled keeps its code, sentence and status, and tells the time', () => {
  const error = new errors.AuthRetryableFetchError('rate_limited', 'Busy.', { status: 429 })
  expect(error).toMatchObject({ status: 429, retryAt: null })
  expect(error.scheduled(9_000)).toMatchObject({ code: 'rate_limited', message: 'Busy.', status: 429, retryAt: 9_000 })
})

test('the README says of every code what to do, once, and of no other', async () => {
  const source = await readPage('packages/client/src/base/errors.ts')
  const union = /export type AuthErrorCode =([^]*?)\n\n/.exec(source)?.[1] ?? ''
  const codes = [...union.matchAll(/\| '(\w+)'/g)].map(([, code]) => code)
  const section = /\n## Errors\n([^]*?)\n## /.exec(await readPage('packages/client/README.md'))?.[1] ?? ''
  const cells = [...section.matchAll(/^\|(.*?)\| +\S.*\|$/gm)].slice(2).map(([, cell = '']) => cell)
  const told = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code))
  expect(codes.length).toBeGreaterThan(30)
  expect(told.toSorted()).toEqual(codes.toSorted())
})
