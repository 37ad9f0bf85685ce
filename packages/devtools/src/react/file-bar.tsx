import { type DragEvent, useState } from 'react'
import { formatCount, formatDuration, plural } from '../model/format.ts'
import type { Opened } from './auth-devtools-panel.tsx'
import { loadLate } from './load-late.ts'
import { usePanel } from './context.ts'

/** Says that a file is shown, and the way back. */
export function FileBar({ opened, onClose }: { readonly opened: Opened; readonly onClose: (() => void) | null }) {
  const { model } = usePanel()
  const { from, to, size } = model.columns
  const tabs = model.labels.tabCount
  return (
    <div className="af-file">
      <p>
        <strong>{opened.name}</strong> {formatCount(size)} records of {plural(tabs, 'tab')}
        {size > 0 && `, ${formatDuration(to - from)}`}
        {opened.recording.isCut && '. Its last line was cut off and is left out.'}
      </p>
      {onClose !== null && (
        <button type="button" className="af-link" onClick={onClose}>
          Close file
        </button>
      )}
    </div>
  )
}

/** Opens a file, or says why not. */
export async function openFile(
  file: File,
  onOpen: (opened: Opened) => void,
  say: (message: string) => void,
): Promise<void> {
  try {
    const { openRecording } = await loadLate()
    onOpen({ name: file.name, recording: await openRecording(file) })
  } catch (error) {
    say(
      `${file.name}: ${error instanceof Error && error.name === 'RecordingError' ? error.message : 'This file could not be read.'}`,
    )
  }
}

/** A file that is dropped anywhere on the panel opens. */
export function useFileDrop(onOpen: (opened: Opened) => void, say: (message: string) => void) {
  const [isOver, setOver] = useState(false)
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  const handlers = {
    onDragOver(event: DragEvent) {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    },
    onDragLeave(event: DragEvent) {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
    },
    onDrop(event: DragEvent) {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(false)
      const [file] = event.dataTransfer.files
      if (file !== undefined) void openFile(file, onOpen, say)
    },
  }
  return { isOver, handlers }
}
