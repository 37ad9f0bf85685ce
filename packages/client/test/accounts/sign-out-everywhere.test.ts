import { serverError } from '@authflight/testing'
import { expect, test } from 'vitest'
import { isAuthRetryableFetchError, memoryStore } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'
import { setUp as setUpOAuth } from '../support/app.ts'
import { setUp, signIn } from '../support/gotrue-app.ts'
import { createGatedStore, editSlots, touches } from '../support/stores.ts'

const everywhere = { scope: 'global' } as const
const logout = { endpoint: 'logout' } as const

/** Two sessions of one user, and the client of one. */
async function signInTwice() {
  const it = setUp()
  const storage = memoryStore()
  const auth = it.createClient({ storage })
  await signIn(it.createClient())
  await signIn(auth)
  return { ...it, auth, storage }
}

test('that ended nothing at the server says so: the user is signed out here, and may not be elsewhere', async () => {
  const { server, auth } = await signInTwice()
  server.faults.always(serverError(), logout)
  const { error } = await auth.signOut(everywhere)
  expect(isAuthRetryableFetchError(error)).toBe(true)
  expect(error).toMatchObject({ code: 'server_error', message: expect.stringContaining('other devices may still be') })
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  expect(server.liveSessions).toHaveLength(2)
})

test('waits for the server, and signs out here before that', async () => {
  const { server, auth } = await signInTwice()
  const gate = server.hold(logout)
  const leaving = auth.signOut(everywhere)
  await gate.arrived
  await expect.poll(() => auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  gate.release()
  expect((await leaving).error).toBeNull()
  expect(server.liveSessions).toEqual([])
})

test('waits no longer than a caller does', async () => {
  const { server, createClient, storage } = await signInTwice()
  const gate = server.hold(logout)
  const hasty = createClient({ storage, patience: 500 })
  expect((await hasty.signOut(everywhere)).error?.code).toBe('server_error')
  gate.release()
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('lets go of a caller that leaves', async () => {
  const { server, auth } = await signInTwice()
  const gate = server.hold(logout)
  const leaver = new AbortController()
  const leaving = auth.signOut({ ...everywhere, signal: leaver.signal })
  await gate.arrived
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-out')
  leaver.abort()
  expect((await leaving).error?.code).toBe('aborted')
  gate.release()
})

test('of this session alone waits for no server', async () => {
  const { server, auth } = await signInTwice()
  const gate = server.hold(logout)
  expect((await auth.signOut()).error).toBeNull()
  gate.release()
})

test('of nobody is no failure', async () => {
  const { server, createClient } = setUp()
  server.faults.always(serverError(), logout)
  expect((await createClient().signOut(everywhere)).error).toBeNull()
})

test.each([
  ['one is enough', 'canary_other', null],
  ['none is not', 'canary_third', 'server_error'],
])('where more than one token of the session is known: %s', async (_, good, code) => {
  const { server, createClient, signIn: signInThere } = setUpOAuth()
  const { store, hold } = createGatedStore(memoryStore())
  const auth = createClient({
    storage: store,
    provider: {
      ...oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
      async revoke({ refreshToken }) {
        if (refreshToken === good) return true
        throw new Error('canary')
      },
    },
  })
  await signInThere(auth)
  const erasing = hold(touches('tombstone'))
  const leaving = auth.signOut(everywhere)
  await erasing.arrived
  // Another tab has renewed it, and this one has not heard.
  await editSlots(store, (slot) => ({ ...slot, tokens: { ...slot.tokens, refresh: 'canary_other' } }))
  erasing.release()
  expect((await leaving).error?.code ?? null).toBe(code)
})

test('at a server that can end none says so: the user is signed out here all the same', async () => {
  const { server, createClient, signIn: signInThere } = setUpOAuth()
  const auth = createClient({
    provider: {
      ...oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
      revoke: async () => false,
    },
  })
  await signInThere(auth)
  expect((await auth.signOut(everywhere)).error?.code).toBe('unsupported')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
})
