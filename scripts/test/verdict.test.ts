import { describe, expect, test } from 'vitest'
import { judgeCheck, judgeTests } from '../lib/verdict.mjs'

const suites = ['/repo/packages/client']

describe('judgeTests', () => {
  test('counts every test that passed', () => {
    const report = reportOf(['passed', 'passed'])
    expect(judgeTests(report, suites, 0)).toEqual({ passed: 2, failed: 0, notes: [] })
  })

  test('names a test that failed', () => {
    const report = reportOf(['passed', 'failed'])
    expect(judgeTests(report, suites, 1)).toEqual({ passed: 1, failed: 1, notes: ['failed: test 1'] })
  })

  test.each(['skipped', 'pending', 'todo'])('counts a test that is %s as failed', (status) => {
    expect(judgeTests(reportOf(['passed', status]), suites, 0)).toMatchObject({ passed: 1, failed: 1 })
  })

  test('fails a file that could not be loaded, though no test of it failed', () => {
    const report = reportOf(['passed'])
    report.testResults.push({
      name: '/repo/packages/client/test/broken.test.ts',
      status: 'failed',
      assertionResults: [],
    })
    expect(judgeTests(report, suites, 1)).toEqual({
      passed: 1,
      failed: 1,
      notes: ['could not be run: /repo/packages/client/test/broken.test.ts'],
    })
  })

  test('fails a suite that holds no test, and is not misled by a folder whose name begins alike', () => {
    const report = reportOf(['passed'], '/repo/packages/client-more/test/slot.test.ts')
    expect(judgeTests(report, suites, 0)).toMatchObject({ failed: 1, notes: ['holds no test: /repo/packages/client'] })
  })

  test('fails a run that ends with an error although all its tests passed', () => {
    expect(judgeTests(reportOf(['passed']), suites, 1)).toMatchObject({ passed: 1, failed: 1 })
  })

  test('fails a run that left no report', () => {
    expect(judgeTests(undefined, suites, 'SIGKILL')).toMatchObject({ passed: 0, failed: 1 })
  })
})

describe('judgeCheck', () => {
  test('passes with exit code 0 and with no other end', () => {
    expect(judgeCheck(0)).toMatchObject({ passed: 1, failed: 0 })
    expect(judgeCheck(2)).toMatchObject({ passed: 0, failed: 1 })
    expect(judgeCheck('SIGKILL')).toMatchObject({ passed: 0, failed: 1 })
  })
})

function reportOf(statuses: string[], name = '/repo/packages/client/test/slot/slot.test.ts') {
  return {
    testResults: [
      {
        name,
        status: statuses.includes('failed') ? 'failed' : 'passed',
        assertionResults: statuses.map((status, index) => ({ fullName: `test ${index}`, status })),
      },
    ],
  }
}
