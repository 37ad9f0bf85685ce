import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findOnPath, isExecutable } from './executables.mjs'

/**
 * What a program is called on the search path, and where it is in Playwright's cache: in folders `<folder>-<revision>`, below one of the paths.
 *
 * @typedef {{ names: readonly string[], folder: string, paths: readonly string[] }} Program
 */

/** @type {Program} */
const whole = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  folder: 'chromium',
  paths: [
    'chrome-linux64/chrome',
    'chrome-linux/chrome',
    'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
    'chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
    'chrome-win64/chrome.exe',
    'chrome-win/chrome.exe',
  ],
}

/** @type {Program} */
const shell = {
  names: ['chromium-headless-shell', 'chrome-headless-shell'],
  folder: 'chromium_headless_shell',
  paths: [
    'chrome-headless-shell-linux64/chrome-headless-shell',
    'chrome-linux/headless_shell',
    'chrome-headless-shell-mac-arm64/chrome-headless-shell',
    'chrome-headless-shell-mac-x64/chrome-headless-shell',
    'chrome-mac/headless_shell',
    'chrome-headless-shell-win64/chrome-headless-shell.exe',
    'chrome-win/headless_shell.exe',
  ],
}

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
  return find(whole, env.CHROMIUM_PATH, env, home)
}

/**
 * Finds Chromium without the browser around its pages: `HEADLESS_SHELL_PATH`, then as above. Who names a Chromium and no shell means that one for all.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {string | undefined} the path of its executable
 */
export function findHeadlessShell(env = process.env, home = homedir()) {
  return find(shell, env.HEADLESS_SHELL_PATH || env.CHROMIUM_PATH, env, home)
}

/** How Playwright starts the Chromium that users have: for what becomes of tabs, and for what is measured and shown. */
export const chromiumOptions = () => startOptions(findChromium())

/** How it starts what pages are tried in: a quarter less work for a small machine than all of Chromium, which stands in where there is none. */
export const headlessShellOptions = () => startOptions(findHeadlessShell() ?? findChromium())

/** @param {string | undefined} executablePath */
const startOptions = (executablePath) => ({ args: chromiumFlags, ...(executablePath && { executablePath }) })

/**
 * @param {Program} program
 * @param {string | undefined} named
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 */
function find(program, named, env, home) {
  if (named) return isExecutable(named) ? named : undefined
  return findInPlaywrightCache(program, env, home) ?? findOnPath(program.names, env)
}

/**
 * @param {Program} program
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 */
function findInPlaywrightCache(program, env, home) {
  const caches = env.PLAYWRIGHT_BROWSERS_PATH
    ? [env.PLAYWRIGHT_BROWSERS_PATH]
    : ['.cache/ms-playwright', 'Library/Caches/ms-playwright', 'AppData/Local/ms-playwright'].map((path) =>
        join(home, path),
      )
  return caches
    .filter((cache) => existsSync(cache))
    .flatMap((cache) => installsIn(cache, program))
    .find(isExecutable)
}

/**
 * Where the executables of a cache may be, newest revision first.
 *
 * @param {string} cache
 * @param {Program} program
 */
function installsIn(cache, { folder, paths }) {
  const revisions = readdirSync(cache).flatMap((name) => {
    const [, revision] = new RegExp(`^${folder}-(\\d+)$`).exec(name) ?? []
    return revision === undefined ? [] : [Number(revision)]
  })
  return revisions
    .toSorted((a, b) => b - a)
    .flatMap((revision) => paths.map((path) => join(cache, `${folder}-${revision}`, path)))
}
