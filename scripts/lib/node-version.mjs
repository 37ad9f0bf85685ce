import { Complaint } from './complaint.mjs'

/**
 * Complains when the Node that runs this is older than `minimum`.
 *
 * @param {number} minimum the lowest major version that will do
 * @param {string} remedy what to do about it, one sentence
 * @param {string} version for tests; by default the running Node's
 */
export function requireNode(minimum, remedy, version = process.versions.node) {
  if (Number.parseInt(version, 10) >= minimum) return
  throw new Complaint(`This needs Node ${minimum} or later, and here is Node ${version}. ${remedy}`)
}
