import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Complaint } from './complaint.mjs'
import { requireNode } from './node-version.mjs'
import { root } from './root.mjs'
import { runVisibly } from './run-visibly.mjs'

const bin = join(root, 'node_modules', '.bin')
const node = join(bin, process.platform === 'win32' ? 'node.cmd' : 'node')

/**
 * Installs the npm packages when `node_modules` is missing or is not what the lock file asks for.
 *
 * @returns {string} the path of the Node that the lock file names (24), whatever Node the machine has
 * @throws {Complaint} when Node is too old, npm cannot be started, or the packages cannot be had
 */
export function ensureNodePackages() {
  requireNode(20, 'Install a newer Node from https://nodejs.org and run the command again.')
  if (!existsSync(node) || !isInstalled(root)) install()
  return node
}

/** The environment for child processes: the tools of the lock file, and its Node, come first. */
export function toolEnvironment() {
  return { ...process.env, PATH: [bin, machinePath()].join(delimiter) }
}

/**
 * Whether the packages of a folder are there as its lock file asks for them.
 *
 * @param {string} folder
 */
export function isInstalled(folder) {
  const installed = readJson(join(folder, 'node_modules', '.package-lock.json'))
  return installed !== undefined && satisfiesLock(readJson(join(folder, 'package-lock.json')), installed)
}

/**
 * Compares the lock file with the note that npm leaves in `node_modules` when an install has finished.
 * Optional packages may be missing: most are for another operating system.
 *
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 * @param {Lock} lock
 * @param {Lock} installed
 */
export function satisfiesLock(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true
    const found = installed.packages[path]
    if (!found) return Boolean(wanted.optional || wanted.devOptional)
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}

function install() {
  const words = ['ci', '--include=dev', '--no-fund', '--no-audit']
  console.log(
    'Engine warnings from npm are expected under Node 20: the packages run on the Node 24 that is among them.',
  )
  const result = runVisibly('npm', words, {
    cwd: root,
    // The Node in node_modules/.bin is about to be deleted, so npm must not run on it.
    env: { ...process.env, PATH: machinePath() },
  })
  if (result.error) {
    throw new Complaint(`npm could not be started (${result.error.message}). Install npm, which comes with Node.`)
  }
  if (result.status !== 0) {
    throw new Complaint(
      'The npm packages could not be installed; npm says why above. ' +
        'Check that this machine reaches the npm registry (`npm ping`), then run the command again.',
    )
  }
  if (!existsSync(node)) {
    throw new Complaint(
      'npm left no Node in node_modules/.bin. Its install script was not allowed to run: ' +
        'check that `npm config get ignore-scripts` says false, delete node_modules and run the command again.',
    )
  }
}

/** The search path as it was before npm put the tools of this repository in front of it. */
function machinePath() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, 'node_modules')))
    .join(delimiter)
}

/** @param {string} file */
function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
