import type { AuthRecord } from '@authflight/client'
import { writeChromeTrace, writeOtlp, writeOtlpLines } from '../formats/index.ts'
import { writeReport } from '../report/markdown.ts'

/** A file of what the model holds. */
export interface FileKind {
  readonly title: string
  readonly name: string
  readonly type: string
  readonly write: (records: readonly AuthRecord[]) => string
}

export const fileKinds: readonly FileKind[] = [
  {
    title: 'Save as OTLP JSON',
    name: 'authflight.otlp.json',
    type: 'application/json',
    write: (records) => JSON.stringify(writeOtlp(records)),
  },
  { title: 'Save as OTLP JSONL', name: 'authflight.otlp.jsonl', type: 'application/jsonl', write: writeOtlpLines },
  {
    title: 'Save as Chrome trace',
    name: 'authflight.trace.json',
    type: 'application/json',
    write: (records) => JSON.stringify(writeChromeTrace(records)),
  },
  { title: 'Save report (Markdown)', name: 'authflight-report.md', type: 'text/markdown', write: writeReport },
]

/** Hands it to the browser. */
export function saveFile({ name, type, write }: FileKind, records: readonly AuthRecord[]): void {
  const url = URL.createObjectURL(new Blob([write(records)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then; the memory is given back.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
