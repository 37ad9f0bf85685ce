import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findFirefox } from '../lib/firefox.mjs'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'authflight-firefox-'))
})

afterEach(() => {
  rmSync(home, { recursive: true })
})

describe('findFirefox', () => {
  test('takes FIREFOX_PATH before everything else', () => {
    const wanted = makeExecutable('mine/firefox')
    makeExecutable('bin/firefox-esr')
    expect(findFirefox({ FIREFOX_PATH: wanted, PATH: join(home, 'bin') })).toBe(wanted)
  })

  test('does not replace a FIREFOX_PATH that cannot be run by another browser', () => {
    makeExecutable('bin/firefox-esr')
    expect(findFirefox({ FIREFOX_PATH: join(home, 'missing'), PATH: join(home, 'bin') })).toBeUndefined()
  })

  test('prefers firefox-esr to firefox on the search path', () => {
    const firefox = makeExecutable('a/firefox')
    const path = [join(home, 'a'), join(home, 'b')].join(':')
    expect(findFirefox({ PATH: path })).toBe(firefox)
    const esr = makeExecutable('b/firefox-esr')
    expect(findFirefox({ PATH: path })).toBe(esr)
  })

  test('finds nothing on a machine without one', () => {
    expect(findFirefox({ PATH: join(home, 'bin') })).toBeUndefined()
  })
})

function makeExecutable(path: string): string {
  const file = join(home, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
  chmodSync(file, 0o755)
  return file
}
