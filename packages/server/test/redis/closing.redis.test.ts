import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { redisEngine } from '../../src/redis/index.ts'
import { turns } from '../support/clock.ts'
import { type ClientName, openClient } from './client.ts'
import { redisForTests } from './redis-server.ts'

// What listens would keep the process alive, and nobody else can close it.

const server = redisForTests()
let admin: Redis
beforeAll(() => {
  admin = new Redis({ port: server().port, host: '127.0.0.1' })
})
afterAll(() => admin.disconnect())

const countClients = async () =>
  String(await admin.client('LIST'))
    .trim()
    .split('\n').length

describe.each<ClientName>(['redis', 'ioredis'])('%s: an engine that is closed', (name) => {
  async function setUp() {
    const { client, close } = await openClient(name, server().port)
    const engine = redisEngine({ client })
    onTestFinished(() => {
      engine.close()
      close()
    })
    const place = { session: `session ${name}`, token: 'token' }
    const sealed = Uint8Array.of(1)
    await engine.claim(place, { holder: 'a', lease: 10_000, note: sealed, again: false, miss: null, awaited: true })
    return { engine, place, before: await countClients() }
  }

  test('listens no more, and does not begin anew with a later wait, which looks for itself', async () => {
    const { engine, place, before } = await setUp()
    const waiting = engine.wait(place, 'a', 1_000)
    await vi.waitFor(async () => expect(await countClients()).toBe(before + 1))
    engine.close()
    await vi.waitFor(async () => expect(await countClients()).toBe(before))
    await waiting
    const again = engine.wait(place, 'a', 300)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await countClients()).toBe(before)
    await again
  })

  test.each([0, 1, 2, 4])('while it begins to listen listens no more either (after %i turns)', async (many) => {
    const { engine, place, before } = await setUp()
    const waiting = engine.wait(place, 'a', 300)
    await turns(many)
    engine.close()
    await waiting
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await countClients()).toBe(before)
  })
})
