import { recorderHook, type AuthRecord } from '@authflight/client'
import { expect, it, onTestFinished, vi } from 'vitest'
import { mirrorToPerformance } from '../../src/performance/mirror.ts'
import { record, sourceOf } from '../fixtures.ts'

/** What goes to the browser, and a way to make records that a mirror of this realm hears. */
function openMirror() {
  const measured = vi.spyOn(performance, 'measure')
  const marked = vi.spyOn(performance, 'mark')
  const source = sourceOf([])
  const withdraw = recorderHook().register(source)
  const stop = mirrorToPerformance()
  onTestFinished(() => {
    stop()
    withdraw()
    measured.mockRestore()
    marked.mockRestore()
  })
  return { measured, marked, push: source.push, stop }
}

/** At `at` milliseconds of this process's own clock. */
const at = (name: AuthRecord['name'], begun: number, lasting: number | null, attributes = {}): AuthRecord => {
  const startedAt = performance.timeOrigin + begun
  return record(name, 0, null, { startedAt, ...(lasting !== null && { endedAt: startedAt + lasting }), attributes })
}

it('shows an operation that has ended as a bar, in the time that it took', () => {
  const { measured, push } = openMirror()
  push(at('authflight.refresh', 1_000, 120, { 'refresh.outcome': 'rotated', 'refresh.waiter_count': 4 }))

  const [name, options] = measured.mock.lastCall as [string, PerformanceMeasureOptions]
  expect(name).toBe('authflight.refresh: rotated')
  expect([options.start, options.end]).toEqual([expect.closeTo(1_000, 1), expect.closeTo(1_120, 1)])
  expect(options.detail).toEqual({
    devtools: {
      dataType: 'track-entry',
      trackGroup: 'Authflight',
      track: 'Refreshes',
      color: 'primary',
      properties: [
        ['refresh.outcome', 'rotated'],
        ['refresh.waiter_count', '4'],
      ],
    },
  })
})

it.each([
  ['authflight.refresh', { 'refresh.outcome': 'rejected' }, 'Refreshes', 'error'],
  ['authflight.token_request', { 'error.type': 'network' }, 'Refreshes', 'error'],
  ['authflight.discard', { 'discard.reason': 'signed_out' }, 'Refreshes', 'warning'],
  ['authflight.wait', { 'wait.outcome': 'rotated' }, 'Waits', 'tertiary-light'],
  ['authflight.contention', { 'contention.kind': 'claim_wait' }, 'Contention', 'warning'],
  ['authflight.sign_in', {}, 'Calls', 'tertiary'],
] as const)('puts %s where it belongs, in a colour that says how it went', (name, attributes, track, color) => {
  const { measured, push } = openMirror()
  push(at(name, 10, 5, attributes))
  expect(measured.mock.lastCall).toEqual([
    expect.stringMatching(`^${name}: `),
    expect.objectContaining({ detail: { devtools: expect.objectContaining({ track, color }) } }),
  ])
})

it('marks how a session ended, and what the page went through', () => {
  const { marked, push } = openMirror()
  push(at('authflight.session_end', 10, 0, { 'session_end.reason': 'reuse' }))
  push(at('authflight.record.network', 20, 0, { 'network.state': 'offline' }))
  push(at('authflight.record.timer_armed', 30, 0, { 'timer.due_in': 30 }))
  expect(marked.mock.calls.map(([name]) => name)).toEqual([
    'authflight: session ended: a used refresh token came again',
    'authflight: offline',
  ])
  expect(marked.mock.calls[0]?.[1]).toMatchObject({ detail: { devtools: { dataType: 'marker', color: 'error' } } })
})

it('shows nothing that is under way, and nothing after it was stopped', () => {
  const { measured, push, stop } = openMirror()
  push(at('authflight.refresh', 10, null))
  stop()
  push(at('authflight.refresh', 10, 5))
  expect(measured).not.toHaveBeenCalled()
})

it('leaves nothing behind in the list of the page', () => {
  const { push } = openMirror()
  performance.mark('of the app')
  push(at('authflight.refresh', 10, 5, { 'refresh.outcome': 'rotated' }))
  push(at('authflight.session_end', 10, 0, { 'session_end.reason': 'user' }))
  expect(performance.getEntries().map(({ name }) => name)).toContain('of the app')
  expect(performance.getEntriesByType('measure')).toEqual([])
  expect(performance.getEntriesByType('mark').map(({ name }) => name)).toEqual(['of the app'])
  performance.clearMarks('of the app')
})

it('is not stopped by a browser that refuses, nor by what is no record', () => {
  const { measured, push } = openMirror()
  measured.mockImplementationOnce(() => {
    throw new TypeError('canary_performance')
  })
  expect(() => push(at('authflight.refresh', 10, 5))).not.toThrow()
  for (const forged of [null, 'record', { name: 'authflight.refresh', startedAt: 'yesterday' }])
    expect(() => push(forged as never)).not.toThrow()
  push(at('authflight.refresh', 10, 5, { 'refresh.outcome': 'rotated' }))
  expect(measured).toHaveBeenCalledTimes(2)
})
