import { recorderHook, type AuthRecord } from '@authflight/client'
import { act } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { writeOtlp } from '../../src/formats/index.ts'
import { recordTime } from '../../src/model/relay.ts'
import { flight, moveTo, sourceOf, storm } from '../fixtures.ts'
import reuse from '../verdicts/recordings/reuse-by-a-copied-tab.json'
import { button, click, mountPanel, type Mounted, nextFrame, press, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function mount(...given: Parameters<typeof mountPanel>): Promise<Mounted> {
  const mounted = await mountPanel(...given)
  undo.push(mounted.unmount)
  await nextFrame()
  return mounted
}

const headline = (panel: Element) => panel.querySelector('.af-headline p')?.textContent
const records = reuse.records as unknown as AuthRecord[]
const file = (text: string, name = 'recording.json') => new File([text], name)

async function drop(panel: Element, dropped: File): Promise<void> {
  const dataTransfer = new DataTransfer()
  dataTransfer.items.add(dropped)
  await act(async () => {
    const over = panel.querySelector('.af-view')!
    over.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
    over.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  })
  await nextFrame()
}

describe('a file dropped on the panel', () => {
  it('is shown instead of the page, whole and still, and closed again', async () => {
    undo.push(recorderHook().register(sourceOf(moveTo(storm(), recordTime(), 2_000))))
    const { panel } = await mount()
    await until(() => headline(panel)?.startsWith('All is well') === true)
    await drop(panel, file(JSON.stringify(writeOtlp(records)), 'tuesday.json'))
    await until(() => headline(panel)?.includes('Tab B presented generation 1 again') === true)
    await until(() => panel.querySelector('.af-file')?.textContent?.includes('tuesday.json') === true)
    expect(button(panel, 'Live')).toBeUndefined()
    await click(button(panel, 'Close file'))
    await until(() => headline(panel)?.startsWith('All is well') === true)
  })

  it.each([
    ['cut off', JSON.stringify(writeOtlp(storm())).slice(0, 500), 'it was cut off or changed'],
    ['no recording', '<script>window.hurt = true</script>', 'This file is no JSON.'],
    ['of something else', '{"traceEvents":[]}', 'opens in Perfetto'],
  ])('that is %s is named as that, and what was shown stays', async (_, text, message) => {
    undo.push(recorderHook().register(sourceOf(moveTo(storm(), recordTime(), 2_000))))
    const { panel } = await mount()
    await drop(panel, file(text, '<b>bad</b>.json'))
    await until(() => panel.querySelector('.af-message')?.textContent?.includes(message) === true)
    expect(panel.querySelector('.af-message b')).toBeNull()
    expect(headline(panel)).toContain('All is well')
    expect('hurt' in window).toBe(false)
    await click(button(panel, 'Close message'))
    expect(panel.querySelector('.af-message')).toBeNull()
  })

  it('of 200 MB is refused before it is read', async () => {
    const { panel } = await mount()
    const huge = file('{}', 'huge.json')
    Object.defineProperty(huge, 'size', { value: 200_000_000 })
    const dataTransfer = { types: ['Files'], files: [huge] }
    const event = Object.assign(new Event('drop', { bubbles: true, cancelable: true }), { dataTransfer })
    await act(async () => void panel.querySelector('.af-view')!.dispatchEvent(event))
    await until(() => panel.querySelector('.af-message')?.textContent?.includes('This file has 200 MB') === true)
  })
})

describe('a recording that the app gives', () => {
  const quick = flight({ at: 0, lasting: 100 })
  const slow = quick.map((made) => (made.endedAt === undefined ? made : { ...made, endedAt: made.endedAt + 400 }))

  it('is shown in the place of another one, however alike the two are', async () => {
    const { panel, render } = await mount({ recording: { v: 1, records: quick } })
    expect(headline(panel)).toContain('in 100 ms')
    await render({ recording: { v: 1, records: slow } })
    expect(headline(panel)).toContain('in 500 ms')
  })

  it('stays as it is looked at when the app renders again', async () => {
    const { panel, render } = await mount({ recording: { v: 1, records: quick } })
    const selected = () => panel.querySelector('.af-detail h2')?.textContent
    await press(panel.querySelector('[role=application]')!, 'k')
    await until(() => selected() === 'Refresh #1')
    await render({ recording: { v: 1, records: quick } })
    expect(selected()).toBe('Refresh #1')
  })
})

describe('records with hostile words', () => {
  it('break nothing in any tab, and run nothing', async () => {
    const hostile = '"><img src=x onerror="window.hurt=true">{{7*7}}\u202e\u0000'.repeat(3)
    const poisoned = records.map((record) => ({
      ...record,
      attributes: Object.fromEntries(
        Object.entries(record.attributes).map(([key, value]) => [
          key,
          typeof value === 'string' && !key.endsWith('.id') ? hostile : value,
        ]),
      ),
    }))
    const { panel } = await mount({ recording: { v: 1, records: poisoned }, accountLabel: () => hostile })
    for (const tab of ['Table', 'Why?', 'Stats', 'Timeline']) {
      await click(button(panel, tab))
      await until(() => panel.querySelector('.af-view')!.textContent!.length > 10)
      expect(panel.querySelector('img')).toBeNull()
    }
    expect('hurt' in window).toBe(false)
  })
})
