import type { AuthRecord } from '@authflight/client'
import { act } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readRecording, type Recording } from '../../src/formats/index.ts'
import { discardBySignOut, flight, noon, signedIn, storm } from '../fixtures.ts'
import { mouseOn } from '../mouse.ts'
import { send } from '../protocol.ts'
import { recording } from './incident.ts'
import { button, click, mountPanel, nextFrame, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const sentence = 'Tab B presented generation 1 again after Tab A had rotated it.'

async function mount(shown: Recording = recording) {
  const { panel, unmount } = await mountPanel({ recording: shown }, { width: 400, height: 420 })
  undo.push(unmount)
  return panel
}

const said = (panel: Element) => panel.querySelector('.af-message')?.textContent ?? ''

async function press(panel: Element, entry: string): Promise<void> {
  const menu = panel.querySelector<HTMLElement>('.af-menu')!
  await act(async () => menu.showPopover())
  await until(() => button(menu, entry) !== undefined)
  await click(button(menu, entry))
}

/** Presses a button of the menu, and takes the file that the browser is handed. */
async function save(entry: string): Promise<{ name: string; type: string; text: string }> {
  const panel = await mount()
  const handed = new Promise<{ name: string; blob: Promise<Blob> }>((resolve) => {
    const spy = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      resolve({ name: this.download, blob: fetch(this.href).then((answer) => answer.blob()) })
    })
    undo.push(() => spy.mockRestore())
  })
  await press(panel, entry)
  const { name, blob } = await handed
  const { type } = await blob
  return { name, type, text: await (await blob).text() }
}

const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id).toSorted()

describe('the menu saves', () => {
  it('OTLP JSON that holds every record', async () => {
    const { name, type, text } = await save('Save as OTLP JSON')
    expect([name, type]).toEqual(['authflight.otlp.json', 'application/json'])
    expect(JSON.parse(text)).toHaveProperty('resourceSpans')
    expect(ids(readRecording(text).records)).toEqual(ids(recording.records))
  })

  it('the same by lines', async () => {
    const { name, text } = await save('Save as OTLP JSONL')
    expect(name).toBe('authflight.otlp.jsonl')
    const lines = text.trim().split('\n')
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('resourceSpans')
    expect(ids(readRecording(text).records)).toEqual(ids(recording.records))
  })

  it('a Chrome trace with a process a tab', async () => {
    const { name, text } = await save('Save as Chrome trace')
    expect(name).toBe('authflight.trace.json')
    const { traceEvents } = JSON.parse(text) as { traceEvents: { name: string; args?: { name?: string } }[] }
    const processes = traceEvents.filter((event) => event.name === 'process_name').map(({ args }) => args?.name)
    expect(processes.toSorted()).toEqual(['Tab A', 'Tab B'])
    expect(traceEvents.some((event) => event.name.startsWith('refresh: rejected'))).toBe(true)
  })

  it('a report in Markdown', async () => {
    const { name, type, text } = await save('Save report')
    expect([name, type]).toEqual(['authflight-report.md', 'text/markdown'])
    expect(text).toContain(`# Auth refresh report`)
    expect(text).toContain(sentence)
  })

  it('nothing where the browser has no room for it, and says so', async () => {
    const full = vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
      throw new RangeError('too large')
    })
    undo.push(() => full.mockRestore())
    const panel = await mount()
    await press(panel, 'Save as OTLP JSON')
    await until(() => said(panel) !== '')
    expect(said(panel)).toBe('That did not succeed.')
  })
})

describe('Copy report', () => {
  /** What a person finds who pastes it somewhere. */
  async function paste(): Promise<string> {
    const field = document.createElement('textarea')
    document.body.append(field)
    undo.push(() => field.remove())
    field.focus()
    await send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'v', code: 'KeyV', commands: ['paste'] })
    return field.value
  }

  it('puts the report on the clipboard, and says so', async () => {
    const panel = await mount()
    const mouse = mouseOn(button(panel, 'Copy report')!)
    await mouse.moveTo(8, 8)
    await act(() => mouse.press())
    await act(() => mouse.release())
    await until(() => said(panel) !== '')
    expect(said(panel)).toBe('The report is on the clipboard.')
    expect(await paste()).toContain(sentence)
  })

  it('tells of what the headline tells of, though a session was lost before', async () => {
    const later = Math.max(...recording.records.map(({ startedAt }) => startedAt)) - noon + 60_000
    const busy = flight({
      at: later,
      lasting: 90,
      outcome: 'failed',
      status: 429,
      error: 'rate_limited',
      session: 's9',
    })
    const panel = await mount({ v: 1, records: [...recording.records, ...busy] })
    const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
    undo.push(() => written.mockRestore())
    expect(panel.querySelector('.af-headline p')?.textContent).toContain('HTTP 429')
    await click(button(panel, 'Copy report'))
    await until(() => written.mock.calls.length > 0)
    expect(written.mock.calls[0]![0]).toContain('Cause: `rate_limited`')
  })

  it.each<[string, readonly AuthRecord[]]>([
    ['signed_out_during_refresh', discardBySignOut()],
    ['replaced', flight({ at: 0, lasting: 90, outcome: 'discarded', discard: 'replaced' })],
    ['clock', [...signedIn(0), ...flight({ at: 5_000, lasting: 90 })]],
  ])('is there for every incident that the headline tells of: %s', async (cause, records) => {
    const panel = await mount({ v: 1, records })
    const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
    undo.push(() => written.mockRestore())
    await click(button(panel, 'Copy report'))
    await until(() => written.mock.calls.length > 0)
    expect(written.mock.calls[0]![0]).toContain(`Cause: \`${cause}\``)
  })

  it('is not there where all is well', async () => {
    expect(button(await mount({ v: 1, records: storm() }), 'Copy report')).toBeUndefined()
  })

  it('is there beside each incident in Why?, about that one', async () => {
    const busy = flight({ at: 0, lasting: 90, outcome: 'failed', status: 429, error: 'rate_limited' })
    const panel = await mount({ v: 1, records: [...busy, ...recording.records, ...signedIn(0)] })
    const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
    undo.push(() => written.mockRestore())
    await click(button(panel, 'Why?'))
    await until(() => panel.querySelectorAll('.af-incident').length === 2)
    for (const incident of panel.querySelectorAll('.af-incident')) {
      const calls = written.mock.calls.length
      await click(button(incident, 'Copy as Markdown'))
      await until(() => written.mock.calls.length > calls)
    }
    const causes = written.mock.calls.map(([text]) => /Cause: `(\w+)`/.exec(text)?.[1])
    const shown = [...panel.querySelectorAll('.af-incident > .af-muted')].map(({ textContent }) => textContent)
    expect(causes.toSorted()).toEqual(['rate_limited', 'reuse_elsewhere'])
    expect(shown).toEqual(causes.map((cause) => expect.stringContaining(cause!.replaceAll('_', ' ')) as string))
    expect(said(panel)).toBe('The report is on the clipboard.')
  })

  it('says what to do where there is no clipboard', async () => {
    const denied = vi
      .spyOn(navigator.clipboard, 'writeText')
      .mockRejectedValue(new DOMException('no', 'NotAllowedError'))
    undo.push(() => denied.mockRestore())
    const panel = await mount()
    await click(button(panel, 'Copy report'))
    await nextFrame()
    await until(() => said(panel) !== '')
    expect(said(panel)).toContain('Save the report from the menu.')
  })
})
