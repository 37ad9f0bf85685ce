import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findOnPath, isExecutable } from './executables.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

const playwrightPaths = [
  'chrome-linux64/chrome',
  'chrome-linux/chrome',
  'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  'chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  'chrome-win64/chrome.exe',
  'chrome-win/chrome.exe',
]

/**
 * Flags for a headless Chromium in tests: it works in a container as root, speaks to nobody but the test, and
 * keeps to TCP, so that a closed port is seen as closed.
 */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Finds a Chromium on this machine: `CHROMIUM_PATH`, then the newest in Playwright's cache, then the search path.
 * A `CHROMIUM_PATH` that cannot be run is not quietly replaced by another browser.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {string | undefined} the path of its executable
 */
export function findChromium(env = process.env, home = homedir()) {
  if (env.CHROMIUM_PATH) return isExecutable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined
  return findInPlaywrightCache(env, home) ?? findOnPath(names, env)
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 */
function findInPlaywrightCache(env, home) {
  const caches = env.PLAYWRIGHT_BROWSERS_PATH
    ? [env.PLAYWRIGHT_BROWSERS_PATH]
    : ['.cache/ms-playwright', 'Library/Caches/ms-playwright', 'AppData/Local/ms-playwright'].map((path) =>
        join(home, path),
      )
  return caches
    .filter((cache) => existsSync(cache))
    .flatMap((cache) => installsIn(cache).flatMap((install) => playwrightPaths.map((path) => join(install, path))))
    .find(isExecutable)
}

/**
 * The folders `chromium-<revision>` of a cache, newest revision first.
 *
 * @param {string} cache
 */
function installsIn(cache) {
  return readdirSync(cache)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => revisionOf(b) - revisionOf(a))
    .map((name) => join(cache, name))
}

/** @param {string} name */
function revisionOf(name) {
  return Number(name.slice('chromium-'.length))
}
