import { createServer } from 'node:net'
import { refuse } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isAuthRetryableFetchError } from '../../src/index.ts'
import { isNeverSent } from '../../src/refresh/never-sent.ts'
import { setUp } from '../support/app.ts'

test('a connection that is refused proves that nothing was sent, by this runtime’s own fetch', async () => {
  const listener = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => listener.on('listening', resolve))
  const address = listener.address()
  const port = typeof address === 'object' ? address?.port : 0
  await new Promise((resolve) => listener.close(resolve))
  const error = await fetch(`http://127.0.0.1:${port}/token`, { method: 'POST' }).catch((fault: unknown) => fault)
  expect(isNeverSent(error)).toBe(true)
})

test('a connection that broke proves nothing', async () => {
  const listener = createServer((socket) => socket.on('data', () => socket.destroy())).listen(0, '127.0.0.1')
  onTestFinished(() => void listener.close())
  await new Promise((resolve) => listener.on('listening', resolve))
  const address = listener.address()
  const port = typeof address === 'object' ? address?.port : 0
  const error = await fetch(`http://127.0.0.1:${port}/token`, { method: 'POST' }).catch((fault: unknown) => fault)
  expect(error).toBeInstanceOf(TypeError)
  expect(isNeverSent(error)).toBe(false)
})

test.each([undefined, null, 'ECONNREFUSED', new Error('ECONNREFUSED'), new TypeError('x', { cause: 'ENOTFOUND' })])(
  'nor does %s',
  (fault) => expect(isNeverSent(fault)).toBe(false),
)

// The server is fatal, so a token that may have been presented is not presented again while its access token lives.
test('a refresh whose connection was refused is tried again, since nothing was sent', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.faults.next(refuse(), { grant: 'refresh_token' })
  vi.spyOn(globalThis, 'fetch').mockImplementation(server.fetch)
  onTestFinished(() => void vi.restoreAllMocks())
  expect((await auth.refreshSession()).error?.code).toBe('network')
  const { data, error } = await auth.refreshSession()
  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
})

test('a device that is offline presents nothing, says so, and goes on when it is back', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  vi.stubGlobal('navigator', { onLine: false, locks: undefined })
  onTestFinished(() => void vi.unstubAllGlobals())
  const { data, error } = await auth.refreshSession()
  expect(isAuthRetryableFetchError(error) && error.message).toMatch(/^This device is offline/)
  expect(data.session?.revision).toBe(1)
  expect(server.count('refresh_token')).toBe(0)
  vi.unstubAllGlobals()
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
})
