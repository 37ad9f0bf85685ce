import type { Panel } from '../context.ts'
import { loadLate } from '../load-late.ts'

/** Puts a report of what the model holds on the clipboard, about the incident that ended with this record, and says so. */
export async function copyReport({ model, say }: Pick<Panel, 'model' | 'say'>, about: string): Promise<void> {
  try {
    const { reportOf } = await loadLate()
    await navigator.clipboard.writeText(reportOf(model, about))
    say('The report is on the clipboard.')
  } catch {
    say('The clipboard is not to be had here. Save the report from the menu.')
  }
}
