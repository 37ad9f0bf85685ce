import { type DragEvent, useState } from 'react'
import type { Opened } from '../auth-devtools-panel.tsx'
import { loadLate } from '../load-late.ts'

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
