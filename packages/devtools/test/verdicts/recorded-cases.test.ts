import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { composeHeadline } from '../../src/verdicts/headline.ts'
import { cases } from './cases.ts'
import { recordCase } from './stand.ts'

/** The first sentence about records, with times and lengths as words: they differ from run to run. */
export function sayFirst(records: readonly unknown[]): { cause: string | undefined; sentence: string } {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  const { sentence, verdict } = composeHeadline(model)
  const words = sentence.replace(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME').replace(/-?\d[\d.]* (ms|s)\b/g, 'LENGTH')
  return { cause: verdict?.cause, sentence: words }
}

describe.each(cases)('the verdict on $name', ({ name, cause, sentence, play, server }) => {
  it('names the true cause in a recording that was kept', async () => {
    const kept = await readFile(new URL(`recordings/${name}.json`, import.meta.url), 'utf8')
    expect(sayFirst((JSON.parse(kept) as { records: unknown[] }).records)).toEqual({ cause, sentence })
  })

  it('names it in what the client records today', async () => {
    expect(sayFirst(await recordCase(play, server))).toEqual({ cause, sentence })
  })
})
