import type { AuthRecord } from '@authflight/client'
import type { RecordModel } from '../model/record-model.ts'
import type { Panel } from './context.ts'
import { loadLate } from './load-late.ts'

export type FileKind = 'otlp' | 'lines' | 'chrome' | 'report'

type Late = Awaited<ReturnType<typeof loadLate>>

/** What is written, under which name and type. What writes it is loaded when it is asked for. */
const kinds: Readonly<
  Record<FileKind, { name: string; type: string; write: (late: Late, records: readonly AuthRecord[]) => string }>
> = {
  otlp: {
    name: 'authflight.otlp.json',
    type: 'application/json',
    write: (late, records) => JSON.stringify(late.writeOtlp(records)),
  },
  lines: {
    name: 'authflight.otlp.jsonl',
    type: 'application/jsonl',
    write: (late, records) => late.writeOtlpLines(records),
  },
  chrome: {
    name: 'authflight.trace.json',
    type: 'application/json',
    write: (late, records) => JSON.stringify(late.writeChromeTrace(records)),
  },
  report: {
    name: 'authflight-report.md',
    type: 'text/markdown',
    write: (late, records) => late.writeReport(records),
  },
}

/** Hands the browser a file with what the model holds. */
export async function saveFile(model: RecordModel, kind: FileKind): Promise<void> {
  const { name, type, write } = kinds[kind]
  const url = URL.createObjectURL(new Blob([write(await loadLate(), model.columns.records)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then; the memory is given back.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** Puts a report of what the model holds on the clipboard, about the incident that ended with this record, and says so. */
export async function copyReport({ model, say }: Pick<Panel, 'model' | 'say'>, about: string): Promise<void> {
  try {
    const { writeReport } = await loadLate()
    await navigator.clipboard.writeText(writeReport(model.columns.records, about))
    say('The report is on the clipboard.')
  } catch {
    say('The clipboard is not to be had here. Save the report from the menu.')
  }
}
