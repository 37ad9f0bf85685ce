/**
 * What a stage of `npm test` came to. A check counts as one; a stage of tests counts each of its tests.
 *
 * @typedef {{ passed: number, failed: number, notes: string[] }} Verdict
 */

/**
 * @param {number | string} end its exit code, or the signal that ended it
 * @returns {Verdict}
 */
export function judgeCheck(end) {
  return end === 0 ? { passed: 1, failed: 0, notes: [] } : failedWith(`ended with ${end}`)
}

/**
 * @param {string} note
 * @returns {Verdict}
 */
export function failedWith(note) {
  return { passed: 0, failed: 1, notes: [note] }
}

/**
 * Reads Vitest's JSON report. Everything that is not a passed test is a failed one: a skipped test, a file that could
 * not be loaded, a suite that was asked for and holds no test.
 *
 * @typedef {{ fullName: string, status: string }} TestResult
 * @typedef {{ testResults: { name: string, status: string, assertionResults: TestResult[] }[] }} Report
 * @param {Report | undefined} report absolute paths in `name`
 * @param {string[]} suites absolute folders, each of which must hold a test
 * @param {number | string} end
 * @returns {Verdict}
 */
export function judgeTests(report, suites, end) {
  if (!report) return failedWith(`left no report and ended with ${end}`)
  const files = report.testResults
  const tests = files.flatMap((file) => file.assertionResults)
  const passed = tests.filter((test) => test.status === 'passed').length
  const notes = [
    ...tests.filter((test) => test.status !== 'passed').map((test) => `${test.status}: ${test.fullName}`),
    ...files.filter(isBroken).map((file) => `could not be run: ${file.name}`),
    ...suites
      .filter((suite) => !files.some((file) => file.name.startsWith(`${suite}/`) && file.assertionResults.length > 0))
      .map((suite) => `holds no test: ${suite}`),
  ]
  if (notes.length === 0 && end !== 0) notes.push(`all tests passed, yet the run ended with ${end}`)
  return { passed, failed: notes.length, notes }
}

/** @param {Report['testResults'][number]} file */
function isBroken(file) {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
}
