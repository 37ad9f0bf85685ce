import { afterEach, expect, test } from 'vitest'
import { createAuthServer, loseAnswer } from '../src/index.ts'
import { newRefreshToken, readTokens, sendRefresh } from './token-requests.ts'

const server = createAuthServer({ profile: 'idempotent' })
afterEach(() => server.reset())

test('a gate before the server: nothing has happened until it is released', async () => {
  const token = await newRefreshToken(server)
  const gate = server.hold({ grant: 'refresh_token' })
  const answer = sendRefresh(server, token)
  await gate.arrived
  expect(server.log).toMatchObject([{ status: null, processed: false, faults: ['hold_before'] }])
  gate.release()
  expect((await answer).status).toBe(200)
  expect(server.log).toMatchObject([{ status: 200, processed: true }])
})

test('a gate after the server: the token is rotated while its answer waits', async () => {
  const token = await newRefreshToken(server)
  const gate = server.hold({ when: 'after', user: 'ada' })
  const late = sendRefresh(server, token)
  await gate.arrived
  expect(server.log).toMatchObject([{ status: null, processed: true }])

  const other = await newRefreshToken(server, { user: 'grace' })
  expect((await sendRefresh(server, other, { scope: 'admin' })).status).toBe(400)
  expect(server.log[0]?.status).toBeNull()
  gate.release()
  const again = await readTokens(await sendRefresh(server, token))
  expect((await readTokens(await late)).refresh_token).toBe(again.refresh_token)
  expect(again.refresh_token).not.toBe(other)
})

test('a gate holds all that match, counts them, and lets others through', async () => {
  const [ada, grace] = [
    await newRefreshToken(server, { user: 'ada' }),
    await newRefreshToken(server, { user: 'grace' }),
  ]
  const gate = server.hold({ user: 'ada' })
  const held = [sendRefresh(server, ada), sendRefresh(server, ada)]
  expect((await sendRefresh(server, grace)).status).toBe(200)
  await gate.arrivals(2)
  expect(gate.count).toBe(2)
  gate.release()
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200])
})

test('a released gate stays open', async () => {
  const token = await newRefreshToken(server)
  const gate = server.hold()
  gate.release()
  expect((await sendRefresh(server, token)).status).toBe(200)
  expect(gate.count).toBe(0)
})

test('two gates and a fault on one request all have their turn', async () => {
  const token = await newRefreshToken(server)
  const before = server.hold({ when: 'before' })
  const after = server.hold({ when: 'after' })
  server.faults.next(loseAnswer())
  const outcome = sendRefresh(server, token).then(
    () => 'answered',
    () => 'lost',
  )
  await before.arrived
  expect(after.count).toBe(0)
  before.release()
  await after.arrived
  expect(server.log).toMatchObject([{ processed: true, status: null }])
  after.release()
  expect(await outcome).toBe('lost')
})
