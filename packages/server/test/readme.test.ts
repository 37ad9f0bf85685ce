import { readFile } from 'node:fs/promises'
import { createAuthServer } from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import { checkOptions } from '../src/options.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
const readme = await read('../README.md')

test('the README shows the code for a confidential client, which runs here, word for word', async () => {
  expect(readme).toContain(`\`\`\`ts\n${await read('./examples/confidential.ts')}\`\`\``)
})

/** A server that wants the secret wherever a token is presented, and what the README shows, which has it. */
async function setUp() {
  const server = createAuthServer({ issuer: 'https://id.example.com', clientIds: ['web'] })
  const secret = 'canary/+%'
  const credentials = `Basic ${btoa(`web:${encodeURIComponent(secret)}`)}`
  const refused: string[] = []
  const guard = http.post('https://id.example.com/*', ({ request }) => {
    if (request.headers.get('authorization') === credentials) return
    refused.push(request.url)
    return HttpResponse.json({ error: 'invalid_client' }, { status: 401 })
  })
  const network = setupServer(guard, ...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())
  vi.stubEnv('CLIENT_SECRET', secret)
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.resetModules()
  const app = await import('./examples/confidential.ts')
  const { refresh_token: refreshToken } = (await server.signIn({ clientId: 'web' })) as { refresh_token: string }
  return { server, app, cookie: { session: 'session 1', refreshToken }, refused }
}

test('whoever follows it presents the secret with each token', async () => {
  const { app, cookie, refused } = await setUp()
  expect(await app.freshTokens(cookie)).toMatchObject({ tokenType: 'bearer' })
  expect(refused).toEqual([])
})

test('and with what is revoked', async () => {
  const { server, app, cookie, refused } = await setUp()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const call = app.freshTokens(cookie)
  await gate.arrived
  await app.coordinator.end(cookie.session)
  gate.release()
  await expect(call).rejects.toMatchObject({ code: 'refresh_discarded' })
  await expect.poll(() => server.liveSessions).toEqual([])
  expect(refused).toEqual([])
})

/** The names in the first column of a table. */
function namesIn(heading: string): string[] {
  const [, table = ''] = new RegExp(`\\| ${heading} .*\\n\\|[ -|]*\\n((?:\\|.*\\n)*)`).exec(readme) ?? []
  const cells = table.match(/^\|[^|]*/gm) ?? []
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)).toSorted()
}

test('the README lists every option of a coordinator, and no other', () => {
  const options = checkOptions({ issuer: 'https://id.example.com', clientId: 'web' })
  expect(namesIn('option of a coordinator')).toEqual(Object.keys(options).toSorted())
})

test('and of a call', async () => {
  const source = await read('../src/coordinator.ts')
  const [, body = ''] = /export interface RefreshOptions \{\n([^]*?)\n\}/.exec(source) ?? []
  const names = [...body.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(4)
  expect(namesIn('option of a call')).toEqual(names.toSorted())
})
