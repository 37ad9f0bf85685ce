import { writeChromeTrace, writeOtlp, writeOtlpLines } from '../../formats/index.ts'
import type { RecordModel } from '../../model/record-model.ts'
import { reportOf } from '../../report/markdown.ts'

/** A file of what the model holds. */
export interface FileKind {
  readonly title: string
  readonly name: string
  readonly type: string
  readonly write: (model: RecordModel) => string
}

export const fileKinds: readonly FileKind[] = [
  {
    title: 'Save as OTLP JSON',
    name: 'authflight.otlp.json',
    type: 'application/json',
    write: ({ columns }) => JSON.stringify(writeOtlp(columns.records)),
  },
  {
    title: 'Save as OTLP JSONL',
    name: 'authflight.otlp.jsonl',
    type: 'application/jsonl',
    write: ({ columns }) => writeOtlpLines(columns.records),
  },
  {
    title: 'Save as Chrome trace',
    name: 'authflight.trace.json',
    type: 'application/json',
    write: ({ columns }) => JSON.stringify(writeChromeTrace(columns.records)),
  },
  {
    title: 'Save report (Markdown)',
    name: 'authflight-report.md',
    type: 'text/markdown',
    write: (model) => reportOf(model),
  },
]

/** Hands it to the browser. */
export function saveFile({ name, type, write }: FileKind, model: RecordModel): void {
  const url = URL.createObjectURL(new Blob([write(model)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then; the memory is given back.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
