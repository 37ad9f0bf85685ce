import type { AuthRecord } from '@authflight/client'
import { byStart } from '../model/record-shape.ts'

/** What a recording file holds, and what `explain` takes: plain records, oldest first. */
export interface Recording {
  readonly v: 1
  readonly records: readonly AuthRecord[]
  /** The file was cut off in its last line, which is left out. Default false. */
  readonly isCut?: boolean
}

/** Why a file is none that can be opened. */
export type RecordingFault = 'too_large' | 'empty' | 'cut_off' | 'no_json' | 'other_format' | 'no_records'

/** A file that cannot be opened. Its message names the fault and the fix, and holds nothing of the file's text. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly fault: RecordingFault

  constructor(fault: RecordingFault, message: string) {
    super(message)
    this.fault = fault
  }
}

/** The largest file that is opened, bytes: some 150,000 spans. More would fill the tab's memory. */
export const maxFileSize = 100_000_000

/** @throws {RecordingError} `too_large` */
export function checkSize(bytes: number): void {
  if (bytes <= maxFileSize) return
  const size = (count: number) => `${Math.round(count / 1_000_000)} MB`
  throw new RecordingError(
    'too_large',
    `This file has ${size(bytes)}; up to ${size(maxFileSize)} can be opened. Export a shorter time, or only the spans of the scope @authflight/client.`,
  )
}

/** Oldest first, and each flight before what belongs to it. */
export function inOrder(records: readonly AuthRecord[]): AuthRecord[] {
  return records.toSorted(byStart)
}
