import { expect, test } from 'vitest'
import { challengeOf, createPkce, randomText } from '../../src/providers/pkce.ts'

test('a verifier is shown as RFC 7636 has it in its appendix B', async () => {
  expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  )
})

test('each sign-in has a verifier of its own, with its challenge', async () => {
  const [one, other] = [await createPkce(), await createPkce()]
  expect(one.challenge).toBe(await challengeOf(one.verifier))
  expect(other.verifier).not.toBe(one.verifier)
})

test('what nobody can guess is 43 characters that an address takes as they are', () => {
  const made = Array.from({ length: 200 }, randomText)
  expect(made.filter((text) => !/^[\w-]{43}$/.test(text))).toEqual([])
  expect(new Set(made).size).toBe(200)
})
