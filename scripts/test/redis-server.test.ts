import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findRedisServer } from '../lib/redis-server.mjs'

function folderWith(name: string, mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'authflight-redis-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), '')
  chmodSync(join(folder, name), mode)
  return folder
}

test.each(['redis-server', 'valkey-server'])('%s is found on the search path', (name) => {
  const folder = folderWith(name)
  expect(findRedisServer({ PATH: ['/nowhere', folder].join(delimiter) })).toBe(join(folder, name))
})

test('what cannot be run is not found, and neither is what is not there', () => {
  expect(findRedisServer({ PATH: folderWith('redis-server', 0o644) })).toBeUndefined()
  expect(findRedisServer({})).toBeUndefined()
})

test('the one that REDIS_SERVER_PATH names comes first, and is not replaced when it cannot be run', () => {
  const [named, other] = [folderWith('redis-server'), folderWith('redis-server')]
  expect(findRedisServer({ REDIS_SERVER_PATH: join(named, 'redis-server'), PATH: other })).toBe(
    join(named, 'redis-server'),
  )
  expect(findRedisServer({ REDIS_SERVER_PATH: '/nowhere', PATH: other })).toBeUndefined()
})
