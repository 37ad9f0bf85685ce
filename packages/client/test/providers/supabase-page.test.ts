import { readFile } from 'node:fs/promises'
import { createGoTrueServer } from '@authflight/testing'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auth, enterCode, sendCode, signIn, signInWithGitHub, signUp } from './supabase-example.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
const server = createGoTrueServer({ issuer: 'https://abcdefgh.supabase.co/auth/v1', apiKey: 'sb_publishable_abc' })
const network = setupServer(...server.handlers)
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
afterAll(() => {
  auth.dispose()
  network.close()
})

const nameOfUser = () => auth.getSession().then(({ data }) => data.session?.user?.name)

test('the page on Supabase shows the code that runs here, word for word', async () => {
  const page = await read('../../../../docs/providers/supabase.md')
  expect(page).toContain(`\`\`\`ts\n${await read('./supabase-example.ts')}\`\`\``)
})

test('whoever follows it signs in with a password, refreshes, and signs out', async () => {
  expect(await signIn('canary.ada@example.test', 'wrong')).toBe('The address or the password is wrong.')
  expect(await signIn('canary.ada@example.test', 'canary_password_ada')).toBeNull()
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect((await auth.signOut()).error).toBeNull()
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('signs in through another provider, and by a code', async () => {
  const { data } = await signInWithGitHub()
  await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'grace' }))
  expect(await nameOfUser()).toBe('Grace Hopper')
  await sendCode('canary.ada@example.test')
  await enterCode('canary.ada@example.test', server.messages.at(-1)?.code ?? '')
  expect(await nameOfUser()).toBe('Ada Lovelace')
})

test('and signs up', async () => {
  expect(await signUp('canary.new@example.test', 'canary_new')).toBe(false)
  await enterCode('canary.new@example.test', server.messages.at(-1)?.code ?? '')
  expect((await auth.getSession()).data.session?.user?.email).toBe('canary.new@example.test')
})
