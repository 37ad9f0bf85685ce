import type { AuthRecord } from '@authflight/client'
import { readRecord } from '../model/record-shape.ts'
import { readJaeger } from './read-jaeger.ts'
import { asObject, readOtlp } from './read-otlp.ts'
import { readTraceView } from './read-trace-view.ts'
import { checkSize, inOrder, type Recording, RecordingError } from './recording.ts'

/**
 * Reads the text of a file: OTLP JSON, the same by lines, Jaeger's JSON, or `{ "v": 1, "records": […] }`. What is not a record of ours is left
 * out; what is, is copied and checked, so nothing in a file is trusted and nothing of it is executed.
 *
 * @throws {RecordingError} where no record can be had; the message says why and what to do.
 */
export function readRecording(text: string): Recording {
  checkSize(text.length)
  const trimmed = text.replace(/^\uFEFF/, '').trim()
  if (trimmed === '') throw new RecordingError('empty', 'This file is empty. Export the recording again.')
  const { records, isCut } = readDocuments(trimmed)
  if (records.length === 0) {
    throw new RecordingError(
      'no_records',
      'This file holds no record of Authflight. Choose a file that the panel or an OTLP exporter wrote, with spans named authflight.*',
    )
  }
  return { v: 1, records: inOrder(records), ...(isCut && { isCut }) }
}

/** Reads a file that was chosen or dropped. @throws {RecordingError} */
export async function openRecording(file: Blob): Promise<Recording> {
  checkSize(file.size)
  return readRecording(await file.text())
}

function readDocuments(text: string): { readonly records: AuthRecord[]; readonly isCut: boolean } {
  const whole = parse(text)
  if (whole !== undefined) return { records: readDocument(whole), isCut: false }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const documents = lines.map(parse)
  const good = documents.filter((document) => document !== undefined)
  // A file by lines may have been cut in its last one; what came before is good.
  const isByLines = good.length > 0 && documents.slice(0, -1).every((document) => document !== undefined)
  if (isByLines) return { records: good.flatMap(readDocument), isCut: good.length < documents.length }
  if (/^[[{]/.test(text)) {
    throw new RecordingError('cut_off', 'This file is no complete JSON: it was cut off or changed. Export it again.')
  }
  throw new RecordingError('no_json', 'This file is no JSON. Choose one that was exported as OTLP JSON or JSONL.')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readDocument(document: unknown): AuthRecord[] {
  const fields = asObject(document)
  if (Array.isArray(fields['resourceSpans'])) return readOtlp(fields)
  if (Array.isArray(fields['records'])) return readRecords(fields['records'])
  if (Array.isArray(fields['data'])) return readJaeger(fields['data'])
  if (Array.isArray(fields['traces'])) return readTraceView(fields['traces'])
  if (Array.isArray(document)) {
    return document.some((entry) => Array.isArray(asObject(entry)['spans']))
      ? readTraceView(document)
      : readRecords(document)
  }
  if (Array.isArray(fields['traceEvents'])) {
    throw new RecordingError('other_format', 'This is a Chrome trace, which opens in Perfetto. Here, open OTLP JSON.')
  }
  return readRecords([document])
}

function readRecords(values: readonly unknown[]): AuthRecord[] {
  return values.map((value) => readRecord(value)).filter((record) => record !== null)
}
