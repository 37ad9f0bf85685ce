import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findChromium, findHeadlessShell } from '../lib/chromium.mjs'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'authflight-chromium-'))
})

afterEach(() => {
  rmSync(home, { recursive: true })
})

describe('findChromium', () => {
  test('takes CHROMIUM_PATH before everything else', () => {
    const wanted = makeExecutable('mine/chrome')
    makeExecutable('bin/chromium')
    expect(findChromium({ CHROMIUM_PATH: wanted, PATH: join(home, 'bin') }, home)).toBe(wanted)
  })

  test('does not replace a CHROMIUM_PATH that cannot be run by another browser', () => {
    makeExecutable('bin/chromium')
    expect(findChromium({ CHROMIUM_PATH: join(home, 'missing'), PATH: join(home, 'bin') }, home)).toBeUndefined()
  })

  test('takes the newest revision in the cache of Playwright, by number', () => {
    makeExecutable('.cache/ms-playwright/chromium-999/chrome-linux/chrome')
    const newest = makeExecutable('.cache/ms-playwright/chromium-1200/chrome-linux64/chrome')
    makeExecutable('bin/chromium')
    expect(findChromium({ PATH: join(home, 'bin') }, home)).toBe(newest)
  })

  test('looks for Playwright where PLAYWRIGHT_BROWSERS_PATH says', () => {
    const there = makeExecutable('elsewhere/chromium-7/chrome-linux/chrome')
    expect(findChromium({ PLAYWRIGHT_BROWSERS_PATH: join(home, 'elsewhere') }, home)).toBe(there)
  })

  test('prefers chromium to google-chrome on the search path, and passes over what is not executable', () => {
    const chrome = makeExecutable('a/google-chrome')
    mkdirSync(join(home, 'b'))
    writeFileSync(join(home, 'b/chromium'), '')
    const path = [join(home, 'a'), join(home, 'b')].join(':')
    expect(findChromium({ PATH: path }, home)).toBe(chrome)
    chmodSync(join(home, 'b/chromium'), 0o755)
    expect(findChromium({ PATH: path }, home)).toBe(join(home, 'b/chromium'))
  })

  test('finds nothing on a machine without a browser', () => {
    expect(findChromium({ PATH: join(home, 'bin') }, home)).toBeUndefined()
  })
})

describe('findHeadlessShell', () => {
  test('takes HEADLESS_SHELL_PATH before everything else', () => {
    const [wanted, chromium] = [makeExecutable('mine/shell'), makeExecutable('mine/chrome')]
    makeExecutable('bin/chromium-headless-shell')
    const env = { HEADLESS_SHELL_PATH: wanted, CHROMIUM_PATH: chromium, PATH: join(home, 'bin') }
    expect(findHeadlessShell(env, home)).toBe(wanted)
  })

  test('takes a Chromium that is named: all tests run in that one', () => {
    const chromium = makeExecutable('mine/chrome')
    makeExecutable('bin/chromium-headless-shell')
    expect(findHeadlessShell({ CHROMIUM_PATH: chromium, PATH: join(home, 'bin') }, home)).toBe(chromium)
  })

  test.each(['HEADLESS_SHELL_PATH', 'CHROMIUM_PATH'])('does not replace a %s that cannot be run', (variable) => {
    makeExecutable('bin/chromium-headless-shell')
    expect(findHeadlessShell({ [variable]: join(home, 'missing'), PATH: join(home, 'bin') }, home)).toBeUndefined()
  })

  test('takes the newest in the cache of Playwright, then what is on the search path, and never all of Chromium', () => {
    makeExecutable('bin/chromium')
    makeExecutable('.cache/ms-playwright/chromium-1200/chrome-linux64/chrome')
    expect(findHeadlessShell({ PATH: join(home, 'bin') }, home)).toBeUndefined()
    const packaged = makeExecutable('bin/chromium-headless-shell')
    expect(findHeadlessShell({ PATH: join(home, 'bin') }, home)).toBe(packaged)
    makeExecutable('.cache/ms-playwright/chromium_headless_shell-999/chrome-linux/headless_shell')
    const newest = makeExecutable(
      '.cache/ms-playwright/chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell',
    )
    expect(findHeadlessShell({ PATH: join(home, 'bin') }, home)).toBe(newest)
  })
})

function makeExecutable(path: string): string {
  const file = join(home, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
  chmodSync(file, 0o755)
  return file
}
