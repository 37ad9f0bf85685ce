import { createAuthServer } from '@authflight/testing'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { rolldown } from 'rolldown'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import type * as client from '../../src/index.ts'
import type * as oauth from '../../src/providers/oauth.ts'

type Bundle = typeof client & typeof oauth

const entry = new URL('entry.ts', import.meta.url).pathname
const code = `export * from '../../src/index.ts'\nexport * from '../../src/providers/oauth.ts'`

/** The client as an app ships it: one file with all it needs, so nothing is shared with another bundle of the page. */
async function build(minify: boolean): Promise<Bundle> {
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? { code, moduleType: 'ts' } : null),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'esm', minify })
  await bundle.close()
  expect(output).toHaveLength(1)
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(output[0].code)}`)) as Bundle
}

test('two builds of the client on one database make one request at each simultaneous expiry, and one sign-out is for both', async () => {
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
  const server = createAuthServer({ profile: 'strict' })
  const network = setupServer(...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())
  const database = new IDBFactory()
  const bundles = [await build(true), await build(false)] as const
  expect(bundles[0].createAuthClient).not.toBe(bundles[1].createAuthClient)

  const open = ({ createAuthClient, indexedDbStore, oauth: provider }: Bundle) => {
    const auth = createAuthClient({
      provider: provider({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
      storage: indexedDbStore(database),
      autoRefresh: 'off',
      redirect: 'manual',
    })
    onTestFinished(() => auth.dispose())
    return auth
  }
  const [one, other] = [open(bundles[0]), open(bundles[1])]
  const { data } = await one.signIn()
  await one.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))
  await expect.poll(() => other.getSnapshot().status).toBe('signed-in')

  for (let round = 1; round <= 10; round += 1) {
    const answers = await Promise.all([one.refreshSession(), other.refreshSession()])
    expect(answers.map(({ data: { session }, error }) => [session?.revision, error])).toEqual([
      [round + 1, null],
      [round + 1, null],
    ])
    expect(server.count('refresh_token')).toBe(round)
  }
  expect(server.count((request) => request.reused)).toBe(0)

  await one.signOut()
  await expect.poll(() => other.getSnapshot()).toEqual({ status: 'signed-out', reason: 'other_tab' })
})
