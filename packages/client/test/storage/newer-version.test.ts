import { describe, expect, test, vi } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import { firstRevision, mayWrite, parseSlot, type SlotRecord, withTokens } from '../../src/slot/slot.ts'
import { type Client, namespace, refreshMeanwhile, setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { realmAt } from '../support/realm.ts'
import { mintedWith } from '../support/slots.ts'
import { slotsOf } from '../support/stores.ts'

const slot = firstRevision(realmAt(0), mintedWith())

test('a slot of this version or an older one may be written, one of a newer version may not', () => {
  expect([0, 1, 2, 99].map((v) => mayWrite({ ...slot, v }))).toEqual([true, true, false, false])
})

test('a newer slot is read if its core parses, whatever else it holds', () => {
  const newer = { ...slot, v: 2, device: { key: 'new' } }
  expect(parseSlot(newer)).toEqual(newer)
  expect(parseSlot({ ...newer, tokens: { sealed: 'unknown' } })).toBeNull()
  expect(parseSlot({ ...newer, v: undefined })).toBeNull()
})

test('fields that this version does not know survive its writes, inside and out', () => {
  const extended = { ...slot, device: 'kept', tokens: { ...slot.tokens, binding: 'kept' } }
  const next = withTokens(extended, mintedWith({ accessToken: 'next' }), 0)
  expect(next).toMatchObject({ v: 1, device: 'kept', revision: 2, tokens: { access: 'next', binding: 'kept' } })
})

describe('in the store', () => {
  /** The one slot that is stored, or what a test makes of it. */
  const slotIn = (store: Store, change?: (stored: SlotRecord) => object) =>
    store.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
      const [key, stored] = view.list('slot:')[0] ?? ['', undefined]
      if (change) view.put(key, change(stored as SlotRecord))
      return change ? view.get(key) : stored
    })
  const asNewer = (stored: SlotRecord) => ({ ...stored, v: 2, device: 'unknown here' })
  const asDead = (stored: SlotRecord) => ({ ...stored, tokens: { ...stored.tokens, expiresAt: Date.now() - 1_000 } })

  async function signedIn() {
    const app = setUp({ profile: 'strict' })
    const storage = memoryStore()
    const auth = app.createClient({ storage })
    const session = await app.signIn(auth)
    return { ...app, storage, auth, session }
  }

  test.each<[string, (auth: Client, other: string) => Promise<unknown>]>([
    ['a switch', (auth, other) => auth.switchTo(other)],
    ['a sign-out', (auth) => auth.signOut()],
  ])('a pointer that a newer version has written keeps what else it holds after %s', async (_, move) => {
    const { createClient, signIn } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage })
    const { account } = await signIn(auth, 'ada')
    await signIn(auth, 'grace', { add: true })
    const at = `shown:${namespace}`
    const pointer = (extra: object = {}) =>
      storage.transact({ keys: [at] }, (view) => {
        view.put(at, { ...(view.get(at) as object), ...extra })
        return view.get(at)
      })
    const before = await pointer({ v: 2, device: 'unknown here' })
    await move(auth, account)
    const after = await pointer()
    expect(after).toMatchObject({ v: 2, device: 'unknown here' })
    expect(after).not.toEqual(before)
  })

  test('the answer to a refresh that was under way when a newer version took the session over is kept in it: it is the only good token', async () => {
    const { auth, server, storage } = await signedIn()
    const { data } = await refreshMeanwhile(server, auth, () => void slotIn(storage, asNewer))
    expect(data.session?.revision).toBe(2)
    expect(await slotIn(storage)).toMatchObject({
      v: 2,
      device: 'unknown here',
      revision: 2,
      tokens: { access: data.session?.accessToken },
    })
  })

  test('a newer session is served while its token lives', async () => {
    const { createClient, storage, session } = await signedIn()
    await slotIn(storage, asNewer)
    const { data, error } = await createClient({ storage }).getSession()
    expect(error).toBeNull()
    expect(data.session?.accessToken).toBe(session.accessToken)
  })

  test('a newer session whose token is dead is kept as it is: nobody asks the server, nobody is signed out', async () => {
    const { server, createClient, storage } = await signedIn()
    const stored = await slotIn(storage, (found) => asNewer(asDead(found)))
    const auth = createClient({ storage })
    const { data, error } = await auth.getSession()
    expect(data.session?.stale).toBe(true)
    expect(error).toMatchObject({
      code: 'storage_error',
      message: expect.stringMatching(/newer version.*Reload the page/),
    })
    expect(auth.getSnapshot().status).toBe('stale')
    expect(server.count('refresh_token')).toBe(0)
    expect(await slotIn(storage)).toEqual(stored)
  })

  test('a newer session that keeps its refresh token elsewhere is not taken for one that nothing can renew', async () => {
    const { createClient, storage } = await signedIn()
    const stored = await slotIn(storage, (found) => {
      const dead = asNewer(asDead(found))
      return { ...dead, tokens: { ...dead.tokens, refresh: null } }
    })
    const { error } = await createClient({ storage }).getSession()
    expect(error?.message).toMatch(/newer version/)
    expect(await slotIn(storage)).toEqual(stored)
  })

  test('a session that a newer version has rewritten unheard is not presented: its answer could not be stored', async () => {
    const { server, auth, storage } = await signedIn()
    const stored = await slotIn(storage, asNewer)
    const { data, error } = await auth.refreshSession()
    expect(data.session).not.toBeNull()
    expect(error?.message).toMatch(/newer version/)
    expect(server.count('refresh_token')).toBe(0)
    expect(await slotIn(storage)).toEqual(stored)
    expect(await storage.transact({ keys: [], prefixes: ['claim:'] }, (view) => view.list('claim:'))).toEqual([])
  })

  test('the next revision of a newer version is adopted', async () => {
    const { server, auth, storage } = await signedIn()
    await slotIn(storage, (found) => ({
      ...asNewer(found),
      revision: found.revision + 1,
      tokens: { ...found.tokens, access: 'theirs' },
    }))
    const { data, error } = await auth.refreshSession()
    expect(error).toBeNull()
    expect(data.session?.accessToken).toBe('theirs')
    expect(server.count('refresh_token')).toBe(0)
  })

  test('what the server tells of a newer session’s user is shown, and left for that version to keep', async () => {
    const { storage, auth, session } = await signedIn()
    expect(session.user).not.toBeNull()
    const written = await slotIn(storage, (found) => ({
      ...asNewer(found),
      revision: found.revision + 1,
      user: null,
    }))
    await auth.refreshSession()
    expect(auth.getSnapshot()).toMatchObject({ session: { user: null } })

    const { data, error } = await auth.getUser()

    expect([data.user?.id, error]).toEqual([session.user?.id, null])
    expect(auth.getSnapshot()).toMatchObject({ session: { user: { id: session.user?.id } } })
    expect(await slotIn(storage)).toEqual(written)
  })

  test('a sign-out puts a tombstone in the place of a newer session', async () => {
    const { server, createClient, storage } = await signedIn()
    await slotIn(storage, asNewer)
    const auth = createClient({ storage })
    await auth.getSession()
    expect((await auth.signOut()).error).toBeNull()
    expect(await slotIn(storage)).toBeUndefined()
    const tombstones = await storage.transact({ keys: [], prefixes: ['tombstone:'] }, (view) => view.list('tombstone:'))
    expect(tombstones).toEqual([[expect.any(String), expect.objectContaining({ v: 1, left: 'user' })]])
    await vi.waitFor(() => expect(server.liveSessions).toEqual([]))
  })

  test.each([
    ['for which another version gives no reason is told as unknown', 'unknown', 'unknown'],
    ['that has a text for a reason is told as unknown', 'canary: Ada has left us', 'unknown'],
    ['that has no text for a reason is told as unknown', { canary: 1 }, 'unknown'],
  ])('the end of a session %s', async (_, left, reason) => {
    const { storage, auth } = await signedIn()
    const recorded = recordAll()
    const [slot] = await slotsOf(storage)
    await storage.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
      for (const [key] of view.list('slot:')) view.delete(key)
      view.put(`tombstone:${namespace}:${slot?.sessionId}`, {
        v: 2,
        sessionId: slot?.sessionId,
        left,
        at: Date.now(),
      })
    })
    await auth.refreshSession()
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason })
    expect(recorded.operations('authflight.session_end')).toMatchObject([
      { attributes: { 'authflight.session_end.reason': reason } },
    ])
  })
})
