import { expect, test } from 'vitest'
import type { LogEntry } from '../src/control.ts'
import { mergeEntries } from '../src/server-log.ts'

function entry(seq: number): LogEntry {
  return { seq, at: seq, endpoint: 'token', grant: 'refresh_token', status: 200 }
}

test('entries that come twice, by the stream and by the list, are shown once, newest first', () => {
  const merged = mergeEntries([entry(3), entry(1)], [entry(2), entry(3), entry(4)])
  expect(merged.map(({ seq }) => seq)).toEqual([4, 3, 2, 1])
})
