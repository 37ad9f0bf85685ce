import type { AuthRecord } from '@authflight/client'
import { describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { judge } from '../../src/verdicts/judge.ts'
import { flight, record, signedIn } from '../fixtures.ts'

/** All that is said about the records, newest first, with clock times as `TIME`, and what was not recorded in brackets. */
function say(records: readonly AuthRecord[]): string[] {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  return judge(model).map(({ cause, sentence, missing }) => {
    const words = [sentence.replace(/\d\d:\d\d:\d\d\.\d{3}/, 'TIME'), ...missing.map((line) => `[${line}]`)]
    return `${cause}: ${words.join(' ')}`
  })
}

const ended = (at: number, reason: string, tab = 'tab-1') =>
  record('authflight.session_end', at, 0, { tab, attributes: { 'session_end.reason': reason, 'session.id': 's1' } })

interface Told {
  readonly name: string
  readonly records: readonly AuthRecord[]
  readonly says: readonly string[]
}

describe('a tab is named only where it is known that it did it', () => {
  it.each<Told>([
    {
      name: 'a sign-out during a refresh that only a follower recorded',
      records: [
        ...signedIn(0),
        ...flight({ at: 33_000, lasting: 1_400, outcome: 'discarded', discard: 'signed_out' }),
        ended(33_650, 'other_tab'),
      ],
      says: [
        'signed_out_during_refresh: Account 1 signed out in another tab, which told nothing here, while refresh #1 was under way. Its new tokens were discarded and revoked. [The records of the other tab. Open the panel there too.]',
      ],
    },
  ])('$name', ({ records, says }) => {
    expect(say(records)).toEqual(says)
  })
})
