import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type HouseServer, startHouseServer } from '../support/house-server.ts'
import { createAuth } from './custom-example.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

/** A server, and a client of the page's that is signed in there. */
async function setUp() {
  const server = await startHouseServer()
  const auth = createAuth(server.origin)
  onTestFinished(() => auth.dispose())
  const { data, error } = await auth.signIn({ name: 'ada', password: 'right' })
  expect(error).toBeNull()
  return { server, auth, session: data.session }
}

test('the page on a provider of one’s own shows the code that runs here, word for word', async () => {
  const page = await read('../../../../docs/providers/custom.md')
  expect(page).toContain(`\`\`\`ts\n${await read('./custom-example.ts')}\`\`\``)
})

test('whoever follows it signs in, refreshes once for all who ask, and signs out there as well', async () => {
  const { server, auth, session } = await setUp()
  expect(session).toMatchObject({ revision: 1, user: { id: '1', name: 'Ada' } })
  const answers = await Promise.all([auth.refreshSession(), auth.refreshSession(), auth.refreshSession()])
  expect(answers.map(({ data }) => data.session?.revision)).toEqual([2, 2, 2])
  expect((await auth.signOut()).error).toBeNull()
  await expect.poll(server.countSessions).toBe(0)
  expect(server.paths).toEqual(['/login', '/refresh', '/logout'])
})

test('a wrong password is told in words of the app’s own, and signs nobody out', async () => {
  const { auth, session } = await setUp()
  const { data, error } = await auth.signIn({ name: 'ada', password: 'wrong' })
  expect(error).toMatchObject({ code: 'invalid_credentials', message: 'The name or the password is wrong.' })
  expect(data.session).toBeNull()
  expect((await auth.getSession()).data.session?.sessionId).toBe(session?.sessionId)
})

test.each([
  ['expired', (server: HouseServer) => server.endSessions()],
  ['reuse', (server: HouseServer) => (server.instead = { status: 401, body: { error: 'token_used' } })],
])('a terminal answer ends the session as `%s`', async (reason, prepare) => {
  const { server, auth } = await setUp()
  prepare(server)
  expect((await auth.refreshSession()).error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason })
})

test.each([
  ['a server that is busy', { status: 503, headers: { 'retry-after': '30' } }, 'server_error'],
  ['a page of a proxy', { status: 401, body: '<h1>canary</h1>' }, 'malformed_response'],
  ['an error that ends nothing', { status: 400, body: { error: 'canary' } }, 'malformed_response'],
])('%s ends nothing', async (_, instead, code) => {
  const { server, auth, session } = await setUp()
  server.instead = instead
  const { data, error } = await auth.refreshSession()
  expect(error?.code).toBe(code)
  expect(error?.message).not.toContain('canary')
  expect(data.session?.sessionId).toBe(session?.sessionId)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('what a refresh brings after a sign-out is revoked at that server', async () => {
  const { server, auth } = await setUp()
  const gate = server.hold()
  const refreshing = auth.refreshSession()
  await gate.arrived
  await auth.signOut()
  expect(server.countSessions()).toBe(1)
  gate.release()
  expect((await refreshing).error?.code).toBe('refresh_discarded')
  await expect.poll(server.countSessions).toBe(0)
})
