import type { AuthRecord } from '@authflight/client'
import type { RecordModel } from '../model/record-model.ts'
import { loadLate } from './load-late.ts'

export type FileKind = 'otlp' | 'lines' | 'chrome' | 'report'

/** What is written, under which name and type. Loaded when it is asked for. */
const kinds: Readonly<
  Record<FileKind, { name: string; type: string; write: (records: readonly AuthRecord[]) => Promise<string> }>
> = {
  otlp: {
    name: 'authflight.otlp.json',
    type: 'application/json',
    write: async (records) => JSON.stringify((await loadLate()).writeOtlp(records)),
  },
  lines: {
    name: 'authflight.otlp.jsonl',
    type: 'application/jsonl',
    write: async (records) => (await loadLate()).writeOtlpLines(records),
  },
  chrome: {
    name: 'authflight.trace.json',
    type: 'application/json',
    write: async (records) => JSON.stringify((await loadLate()).writeChromeTrace(records)),
  },
  report: {
    name: 'authflight-report.md',
    type: 'text/markdown',
    write: async (records) => (await loadLate()).writeReport(records),
  },
}

/** Hands the browser a file with what the model holds. */
export async function saveFile(model: RecordModel, kind: FileKind): Promise<void> {
  const { name, type, write } = kinds[kind]
  const url = URL.createObjectURL(new Blob([await write(model.columns.records)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then; the memory is given back.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** Puts the report of what the model holds on the clipboard. */
export async function copyReport(model: RecordModel): Promise<void> {
  await navigator.clipboard.writeText(await kinds.report.write(model.columns.records))
}
