import { loseAnswer, serverError } from '@authflight/testing'
import { vi } from 'vitest'
import { memoryStore } from '../../../packages/client/src/index.ts'
import { createAuthClientIn } from '../../../packages/client/src/client.ts'
import { systemRealm } from '../../../packages/client/src/realm/system-realm.ts'
import { setUp } from '../../../packages/client/test/support/app.ts'
import { setUp as setUpGoTrue, signIn as signInAtGoTrue } from '../../../packages/client/test/support/gotrue-app.ts'
import { type Series, startMeters } from '../../../packages/client/test/support/measure.ts'
import { createRealm } from '../../../packages/client/test/support/realm.ts'
import { copyRecords, letTokensDie } from '../../../packages/client/test/support/stores.ts'

/** An app of `oauth()` whose metrics are read. Its clock stands still, however slow the machine is, unless it is moved on. */
async function setUpRun() {
  const read = startMeters()
  const { server, createClient, signIn } = setUp()
  let ahead = 0
  const { clock } = systemRealm
  const begun = clock.precise()
  const realm = createRealm({ clock: { ...clock, precise: () => begun + ahead } })
  const storage = memoryStore()
  const auth = createClient({ storage }, (options) => createAuthClientIn(realm, options))
  await signIn(auth)
  const open = (store = storage) => createClient({ storage: store })
  return { server, auth, open, storage, read, passSeconds: (seconds: number) => void (ahead += seconds * 1_000) }
}
type Run = Awaited<ReturnType<typeof setUpRun>>

const storm = ({ auth }: Run) => Promise.all(Array.from({ length: 20 }, () => auth.refreshSession()))

function withOAuth(play: (run: Run) => Promise<unknown>) {
  return async (): Promise<Series[]> => {
    const run = await setUpRun()
    await play(run)
    return run.read()
  }
}

/** A storm that is shared, and a user who signs out. */
export const playQuietDay = withOAuth(async (run) => {
  await storm(run)
  await run.auth.signOut()
})

/** Twenty callers that share one flight. */
export const playStorm = withOAuth(storm)

/** A server that takes two seconds. */
export const playSlowServer = withOAuth(async (run) => {
  const gate = run.server.hold({ when: 'after', grant: 'refresh_token' })
  const waiting = storm(run)
  await gate.arrived
  run.passSeconds(2)
  gate.release()
  await waiting
})

/** A server that fails. */
export const playFailingServer = withOAuth(async (run) => {
  run.server.faults.always(serverError(), { grant: 'refresh_token' })
  await storm(run)
})

/** A user who signs out while a refresh is under way. */
export const playDiscard = withOAuth(async (run) => {
  const gate = run.server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = run.auth.refreshSession()
  await gate.arrived
  await run.auth.signOut()
  gate.release()
  await refreshing
  await vi.waitUntil(async () => (await run.read('authflight.discards')).length === 1)
})

/** Somebody else refreshes with the session of an app of `oauth()`: the server has no word for that. */
export const playTheft = withOAuth(async ({ auth, open, storage }) => {
  const stolen = memoryStore()
  await copyRecords(storage, stolen)
  await open(stolen).refreshSession()
  await auth.refreshSession()
})

/** An answer that is lost after the rotation. */
export const playLostAnswer = withOAuth(async ({ server, auth, open, storage }) => {
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  await auth.refreshSession()
  await letTokensDie(storage)
  // As after a reload: what was shown is read again, dead as it is.
  auth.dispose()
  await open().refreshSession()
})

/** Somebody else refreshes with the session of an app of `gotrue()`, twice, and the app comes too late. */
export async function playTheftWithGoTrue(): Promise<Series[]> {
  const read = startMeters()
  const clock = { now: Date.now() }
  const { createClient } = setUpGoTrue({ now: () => clock.now })
  const [storage, stolen] = [memoryStore(), memoryStore()]
  const auth = createClient({ storage })
  await signInAtGoTrue(auth)
  await copyRecords(storage, stolen)
  const thief = createClient({ storage: stolen })
  await thief.refreshSession()
  await thief.refreshSession()
  clock.now += 11_000
  await auth.refreshSession()
  return read()
}
