import { createAuthServer } from '@authflight/testing'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClient } from '../src/index.ts'
import { oauth } from '../src/providers/oauth.ts'
import type { Client } from './support/app.ts'
import { firstBlock, readPage, runCode } from './support/page-code.ts'

const readmes = ['README.md', 'packages/client/README.md']
const home = 'https://app.example.com/'

// All clients of a page keep their sessions in one database.
beforeAll(() => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
})

/** An app whose only page is what a README shows first, and the provider that it names. */
async function openApp(readme: string) {
  const server = createAuthServer({ issuer: 'https://id.example.com' })
  /** What the API was asked with. */
  const asked: (string | null)[] = []
  const api = http.get('*/api/*', ({ request }) => {
    asked.push(request.headers.get('authorization'))
    return HttpResponse.json({})
  })
  const network = setupServer(...server.handlers, api)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => print.mockRestore())
  const code = await firstBlock(readme)
  const left: string[] = []
  const shown: string[] = []
  let page: Client | undefined
  onTestFinished(async () => {
    await page?.signOut()
    page?.dispose()
  })

  /** Loads the page at an address, in the place of the one before, and lets it do what it does. */
  async function load(href: string): Promise<void> {
    page?.dispose()
    vi.stubGlobal('location', Object.assign(new URL(href), { assign: (url: string) => void left.push(url) }))
    vi.stubGlobal('document', { body: { append: (text: string) => void shown.push(text) } })
    const { auth } = (await runCode(`${code}\nexport { auth }\n`)) as { auth: Client }
    page = auth
  }
  return { server, network, load, left, shown, asked }
}

// page      ── sends to log in ──╮            ╭── tells it, and sends nobody ── loaded again: sends to log in
// provider                       ╰── denies ──╯
test.each(readmes)(
  'who copies the guard of %s sends a user to log in once, and not again when the provider has answered with an error',
  async (readme) => {
    const { server, load, left, shown, asked } = await openApp(readme)
    await load(home)
    expect(left).toHaveLength(1)
    await load(await server.authorize(left[0] ?? '', { deny: 'access_denied' }))
    expect(left).toHaveLength(1)
    expect(shown).toEqual(['The sign-in was cancelled or denied at the provider.'])

    await load(home)
    expect(left).toHaveLength(2)
    // Nobody is signed in yet: there is nothing to ask for.
    expect(asked).toEqual([])
    await load(await server.authorize(left[1] ?? ''))
    expect(left).toHaveLength(2)
    expect(shown).toHaveLength(1)
    expect(asked).toEqual([expect.stringMatching(/^Bearer ./)])
  },
)

test.each(readmes)('%s brings a user back to the one page that is registered, from whichever page', async (readme) => {
  const { server, load, left } = await openApp(readme)
  await load(`${home}orders/17?line=3`)
  expect(new URL(left[0] ?? '').searchParams.get('redirect_uri')).toBe(home)
  const replaceState = vi.fn<(state: unknown, unused: string, href: string) => void>()
  vi.stubGlobal('history', { state: null, replaceState })
  onTestFinished(() => void vi.stubGlobal('history', undefined))
  await load(await server.authorize(left[0] ?? ''))
  const end = readme === 'README.md' ? 'orders/17?line=3' : 'orders'
  expect(replaceState.mock.calls).toEqual([[null, '', home + end]])
})

test.each(readmes)('who runs %s in development is sent back there, and signed in', async (readme) => {
  const { server, load, left, shown, asked } = await openApp(readme)
  const own = 'http://localhost:5173/'
  await load(own)
  const back = await server.authorize(left[0] ?? '')
  // Another origin has another store, and knows nothing of the sign-in.
  expect(back.startsWith(own)).toBe(true)
  await load(back)
  expect([left.length, shown, asked]).toEqual([1, [], [expect.stringMatching(/^Bearer ./)]])
})

test.each(readmes)('and where the provider of %s cannot be reached it says so', async (readme) => {
  const { network, load, left, shown } = await openApp(readme)
  network.use(http.all('https://id.example.com/*', () => HttpResponse.error()))
  await load(home)
  expect([left, shown.length]).toEqual([[], 1])
})

describe('what the README of the client lists, and nothing else, is there', () => {
  /** The names of a table's first column. */
  async function namesIn(section: string): Promise<string[]> {
    const page = await readPage('packages/client/README.md')
    const text = new RegExp(`\\n## ${section}\\n([^]*?)\\n## `).exec(page)?.[1] ?? ''
    const cells = [...text.matchAll(/^\|(.*?)\| +\S.*\|$/gm)].map(([, cell = '']) => cell)
    return cells.flatMap((cell) => [...cell.matchAll(/`([\w.[\]]+)/g)].map(([, name = '']) => name)).toSorted()
  }

  async function membersOf(type: string): Promise<string[]> {
    const files = ['accounts/events', 'base/session']
    const sources = await Promise.all(files.map((name) => readPage(`packages/client/src/${name}.ts`)))
    const [, union = ''] = new RegExp(`export type ${type} =([^]*?)\\n\\n`).exec(sources.join('\n')) ?? []
    return [...union.matchAll(/\| '(\w+)'/g)].map(([, name = '']) => name)
  }

  test('methods', async () => {
    const auth = createAuthClient({ provider: oauth({ issuer: 'https://id.example.com', clientId: 'spa' }) })
    auth.dispose()
    const names = Reflect.ownKeys(auth).map((key) => (typeof key === 'symbol' ? `[${key.description}]` : key))
    expect(await namesIn('Methods')).toEqual(names.toSorted())
  })

  test('events, and reasons', async () => {
    const names = [...(await membersOf('AuthEvent')), ...(await membersOf('SignedOutReason'))]
    expect(names.length).toBeGreaterThan(15)
    expect(await namesIn('Events')).toEqual(names.toSorted())
  })
})
