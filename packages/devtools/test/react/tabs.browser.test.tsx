import { recorderHook, type AuthRecord } from '@authflight/client'
import { act } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { recordTime } from '../../src/model/relay.ts'
import { discardBySignOut, flight, mixed, moveTo, sourceOf, storm } from '../fixtures.ts'
import reuse from '../verdicts/recordings/reuse-by-a-copied-tab.json'
import twoIncidents from '../verdicts/recordings/two-incidents-at-once.json'
import { button, click, mountPanel, type Mounted, nextFrame, press, type as typeInto, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function register(records: readonly AuthRecord[]): void {
  undo.push(recorderHook().register(sourceOf(moveTo(records, recordTime(), 2_000))))
}

async function mount(...given: Parameters<typeof mountPanel>): Promise<Mounted> {
  const mounted = await mountPanel(...given)
  undo.push(mounted.unmount)
  await nextFrame()
  return mounted
}

const recordingOf = (file: unknown) => file as { v: 1; records: AuthRecord[] }
const spoken = (panel: Element) => panel.querySelector('.af-unseen[aria-live]')?.textContent
const step = (panel: Element) => panel.querySelector('.af-race p')?.textContent

describe('Show race', () => {
  it('numbers the steps from cause to effect, walks them with the arrow keys, and speaks each', async () => {
    const { panel } = await mount({ recording: recordingOf(reuse) })
    await click(button(panel, 'Show race'))
    // What shows it is loaded then.
    await until(() => step(panel) !== undefined)
    expect(step(panel)).toBe('Step 1 of 5: Tab A: refresh #1 presented generation 1 +0 ms')
    const timeline = panel.querySelector('[role=application]')!
    await press(timeline, 'ArrowRight', 'ArrowRight', 'ArrowRight')
    expect(step(panel)).toContain('Step 4 of 5: Tab B: refresh #2 was refused')
    expect(spoken(panel)).toMatch(
      /^Step 4 of 5: Tab B: refresh #2 was refused\. Refresh #2, Tab B, rejected by the server, /,
    )
    await press(timeline, 'ArrowLeft')
    expect(step(panel)).toContain('Step 3 of 5')
    await press(timeline, 'Escape')
    expect(panel.querySelector('.af-race')).toBeNull()
  })

  it('follows what becomes known of the incident, and stays at the step that is looked at', async () => {
    const records = moveTo(discardBySignOut(), recordTime(), 2_000)
    const refresh = records.find(({ name }) => name === 'authflight.refresh')!
    const { endedAt: _, ...started } = refresh
    const { 'authflight.refresh.outcome': __, ...attributes } = refresh.attributes
    const ended = records.filter((each) => each === refresh || each.name === 'authflight.discard')
    const source = sourceOf([{ ...started, attributes }, ...records.filter((each) => !ended.includes(each))])
    undo.push(recorderHook().register(source))
    const { panel } = await mount()
    await until(() => panel.querySelector('.af-headline p')?.textContent?.includes('signed out in Tab A') === true)
    await press(panel.querySelector('[role=application]')!, 'r')
    await until(() => step(panel) !== undefined)
    expect(step(panel)).toBe('Step 1 of 1: Tab A ended the session: signed out here +0 ms')
    for (const each of ended) source.push(each)
    await until(() => step(panel) === 'Step 2 of 3: Tab A ended the session: signed out here +600 ms')
    await press(panel.querySelector('[role=application]')!, 'ArrowRight')
    expect(step(panel)).toBe('Step 3 of 3: Tab A: the answer found the session gone +1.4 s')
  })

  it('is there by one key, from every tab', async () => {
    const { panel } = await mount({ recording: recordingOf(reuse) })
    await click(button(panel, 'Stats'))
    await until(() => panel.querySelector('.af-tiles') !== null)
    await press(button(panel, 'Stats')!, 'r')
    await until(() => step(panel) !== undefined)
    expect(step(panel)).toContain('Step 1 of 5')
    expect(panel.querySelector('[role=application]')).not.toBeNull()
  })
})

describe('the tab Why?', () => {
  it('has every incident with its steps, and each step leads to the timeline', async () => {
    const { panel } = await mount({ recording: recordingOf(twoIncidents) })
    await click(button(panel, '1 more'))
    await until(() => panel.querySelectorAll('.af-incident').length === 2)
    const [, lost] = [...panel.querySelectorAll('.af-incident')]
    expect(lost!.querySelector('h2')?.textContent).toContain('Tab B presented generation 1 again')
    expect(lost!.textContent).toContain('What to do')
    await click(lost!.querySelectorAll<HTMLElement>('.af-steps button')[2])
    await until(() => step(panel) !== undefined)
    expect(step(panel)).toContain('Step 3 of 5: Tab B: refresh #2 presented generation 1')
  })

  it('is walked by n and p in order of time, and by the buttons: the incident is marked and in sight', async () => {
    const { panel } = await mount({ recording: recordingOf(twoIncidents) }, { width: 1_000, height: 220 })
    await click(button(panel, 'Why?'))
    await until(() => panel.querySelectorAll('.af-incident').length === 2)
    const pane = panel.querySelector('.af-why')!
    const incidents = [...panel.querySelectorAll('.af-incident')]
    const current = () => incidents.findIndex((incident) => incident.getAttribute('aria-current') === 'true')
    const isInSight = () => {
      const [marked, seen] = [incidents[current()]!, pane].map((each) => each.getBoundingClientRect())
      return marked!.top < seen!.bottom - 20 && marked!.bottom > seen!.top + 20
    }
    expect(current()).toBe(-1)
    await press(pane, 'n')
    expect([current(), isInSight()]).toEqual([1, true])
    await press(pane, 'n')
    expect([current(), isInSight()]).toEqual([0, true])
    await click(button(panel, 'Previous problem'))
    expect([current(), isInSight()]).toEqual([1, true])
    await click(button(panel, 'Next problem'))
    expect([current(), isInSight()]).toEqual([0, true])
  })

  it('marks the incident whose step is selected', async () => {
    const { panel } = await mount({ recording: recordingOf(twoIncidents) })
    await click(button(panel, 'Show race'))
    await click(button(panel, 'Why?'))
    await until(() => panel.querySelector('.af-incident[aria-current=true]') !== null)
    expect(panel.querySelector('.af-incident[aria-current] h2')?.textContent).toBe(
      panel.querySelector('.af-headline p')?.textContent,
    )
  })

  it('says that nothing went wrong where nothing did', async () => {
    register(storm())
    const { panel } = await mount()
    await click(button(panel, 'Why?'))
    await until(
      () => panel.querySelector('.af-why')?.textContent === 'Nobody was signed out, and no refresh went wrong.',
    )
  })
})

describe('the tab Stats', () => {
  it('says what was shared, how long it took and how it ended', async () => {
    register(mixed())
    const { panel } = await mount()
    await click(button(panel, 'Stats'))
    await until(() => panel.querySelector('.af-tiles') !== null)
    const tiles = [...panel.querySelectorAll('.af-tiles > div')].map((tile) =>
      [...tile.children].slice(0, 2).map((part) => part.textContent),
    )
    expect(Object.fromEntries(tiles)).toMatchObject({
      Shared: '96%',
      Saved: '72',
      Refreshes: '7',
      Median: '160 ms',
      'Asked to wait': '1',
    })
    const bars = panel.querySelector('[aria-label=Outcomes]')?.textContent
    expect(bars).toBe('Outcomesrotated5failed2')
    expect(panel.querySelector('svg[role=img]')?.getAttribute('aria-label')).toMatch(
      /^How long refreshes took: most, 3 of 7, at ≤ (160|320) ms$/,
    )
  })
})

it('names the key that enlarges what is selected only where it is heard', async () => {
  const { panel } = await mount({ recording: recordingOf(reuse) })
  await press(panel.querySelector('[role=application]')!, 'p')
  expect(button(panel, 'Zoom to it')?.getAttribute('aria-label')).toBe('Zoom to it (Enter)')
  await click(button(panel, 'Table'))
  expect(button(panel, 'Zoom to it')?.getAttribute('aria-label')).toBe('Zoom to it')
})

describe('what finds things in the toolbar', () => {
  it('is there where there is something to be found by it', async () => {
    const { panel } = await mount({ recording: recordingOf(reuse) })
    const found: Record<string, (string | undefined)[]> = {}
    for (const tab of ['Timeline', 'Table', 'Why?', 'Stats']) {
      await click(button(panel, tab))
      const toolbar = panel.querySelector('.af-toolbar')!
      found[tab] = [
        toolbar.querySelector('.af-filter') ? 'filter' : undefined,
        button(toolbar, 'Next problem') ? 'problems' : undefined,
      ].filter(Boolean)
    }
    expect(found).toEqual({
      Timeline: ['filter', 'problems'],
      Table: ['filter', 'problems'],
      'Why?': ['problems'],
      Stats: [],
    })
  })

  it('selects nothing by n and p where nothing shows it', async () => {
    const { panel } = await mount({ recording: recordingOf(reuse) })
    await click(button(panel, 'Stats'))
    await press(button(panel, 'Stats')!, 'p', 'n')
    expect(spoken(panel)).toBe('')
  })
})

describe('the filter', () => {
  it('leaves in the table what it means, and says what it does not understand', async () => {
    register(mixed())
    const { panel } = await mount()
    await click(button(panel, 'Table'))
    await until(() => panel.querySelectorAll('.af-row').length > 0)
    const input = panel.querySelector<HTMLInputElement>('.af-filter input')!
    await typeInto(input, 'is:refresh outcome:failed')
    await until(() => panel.querySelectorAll('.af-row').length === 2)
    await typeInto(input, 'is:refresh color:red')
    expect(panel.querySelector('.af-filter-problem')?.textContent).toContain('There is no “color”.')
    await typeInto(input, 'outc')
    const offered = [...panel.querySelectorAll('datalist option')].map((option) => (option as HTMLOptionElement).value)
    expect(offered).toEqual(['outcome:'])
  })

  it('is reached by a slash, left by Escape, and kept for the next visit', async () => {
    register(mixed())
    const first = await mountPanel()
    const input = first.panel.querySelector<HTMLInputElement>('.af-filter input')!
    await press(first.panel.querySelector('[role=application]')!, '/')
    expect(document.activeElement).toBe(input)
    await typeInto(input, 'tab:A')
    const kept = localStorage.getItem('authflight.devtools')!
    await first.unmount()
    localStorage.setItem('authflight.devtools', kept)
    const { panel } = await mount()
    const again = panel.querySelector<HTMLInputElement>('.af-filter input')!
    expect(again.value).toBe('tab:A')
    await press(again, 'Escape')
    expect(again.value).toBe('')
    expect(document.activeElement).toBe(panel.querySelector('[role=application]'))
  })
})

it('a name in the filter stays in the memory of the panel; of accounts their numbers are kept', async () => {
  register(storm())
  const { panel } = await mount({ accountLabel: () => 'Alice Liddell' })
  const input = panel.querySelector<HTMLInputElement>('.af-filter input')!
  for (const [query, kept] of [
    ['account:Alice_Liddell', ''],
    ['tab:A account:Alice_Liddell dur>5', 'tab:A dur>5'],
    ['-account:alice outcome:failed', 'outcome:failed'],
    ['account=alice Liddell tab:A', 'tab:A'],
    ['Account:al', ''],
    ['account:5551234', ''],
    ['account:2 refresh', 'account:2 refresh'],
    ['reason:user -account:12', 'reason:user -account:12'],
  ] as const) {
    await typeInto(input, query)
    expect(input.value).toBe(query)
    expect(JSON.parse(localStorage.getItem('authflight.devtools')!)).toMatchObject({ filter: kept })
  }
})

describe('settings that were kept', () => {
  it.each(['{"tab":"__proto__","columns":1e9,"filter":7}', 'null', '{', '[]'])('are not trusted: %s', async (kept) => {
    localStorage.setItem('authflight.devtools', kept)
    register(storm())
    const { panel } = await mount()
    expect(panel.querySelector('[aria-selected=true]')?.textContent).toBe('Timeline')
    expect(panel.querySelector('[role=separator]')?.getAttribute('aria-valuenow')).toBe('24')
  })
})

describe('idle time', () => {
  it('folds by a key, and the choice is kept', async () => {
    register([...flight({ at: 0, lasting: 100 }), ...flight({ at: 900_000, lasting: 100 })])
    const { panel } = await mount()
    await click(button(panel, 'Fit everything'))
    const timeline = panel.querySelector('[role=application]')!
    const span = () => panel.querySelector('.af-axis-line .af-gutter')?.textContent ?? ''
    expect(span()).toMatch(/^1[5-9] min/)
    await press(timeline, 'g', 'f')
    expect(localStorage.getItem('authflight.devtools')).toContain('"folding":true')
    await until(() => panel.querySelectorAll('.af-tick').length > 1)
  })
})

it('lanes stand by account or by tab, and the choice is kept', async () => {
  const bob = { session: 's2', account: 'a2', revision: 2 }
  register([...mixed(), ...flight({ at: 126_000, lasting: 90, ...bob })])
  const { panel } = await mount({ accountLabel: (account) => (account === 'a1' ? 'alice' : 'bob') })
  const lanes = () =>
    [...panel.querySelectorAll('.af-lane-labels [data-kind=lane]')].map((lane) =>
      lane.textContent.replace(' · this tab', ''),
    )
  const menu = panel.querySelector<HTMLElement>('.af-menu')!
  const choose = async (entry: string) => {
    await act(async () => menu.showPopover())
    await until(() => button(menu, entry) !== undefined)
    await click(button(menu, entry))
  }
  await until(() => lanes().length === 3)
  expect(lanes().map((lane) => lane.slice(0, 5))).toEqual(['Tab B', 'Tab A', 'Tab A'])
  await choose('Lanes by tab')
  await until(() => lanes()[1]?.includes('alice') === true)
  expect(lanes()).toEqual(['Tab Abob', 'Tab Aalice', 'Tab Bbob'])
  expect(localStorage.getItem('authflight.devtools')).toContain('"grouping":"tab"')
  await choose('Lanes by account')
  await until(() => lanes()[0]?.startsWith('Tab B') === true)
})

describe('a link to the trace', () => {
  it('is what the app gives for it, over http only', async () => {
    register(storm())
    const { panel, unmount } = await mountPanel({ traceUrl: (id) => `https://traces.example.test/${id}` })
    await until(() => button(panel, 'Show') !== undefined)
    await click(button(panel, 'Show'))
    expect(panel.querySelector('.af-trace a')?.getAttribute('href')).toMatch(
      /^https:\/\/traces\.example\.test\/[0-9a-f]{32}$/,
    )
    await unmount()
    const { panel: hostile } = await mount({ traceUrl: () => 'javascript:alert(1)' })
    await until(() => button(hostile, 'Show') !== undefined)
    await click(button(hostile, 'Show'))
    expect(hostile.querySelector('.af-detail h2')).not.toBeNull()
    expect(hostile.querySelector('.af-trace')).toBeNull()
  })
})

describe('controls', () => {
  it('are there only when the app gives them, and do what it says', async () => {
    register(storm())
    const done: string[] = []
    const { panel } = await mount({
      controls: [
        { label: 'Expire', run: () => done.push('expired') },
        { label: 'Faults', choices: [{ value: '429', label: 'Busy' }], choose: (value) => done.push(value) },
      ],
    })
    await click(button(panel, 'Expire'))
    expect(done).toEqual(['expired'])
    const select = panel.querySelector<HTMLSelectElement>('.af-controls select')!
    expect([...select.options].map(({ text }) => text)).toEqual(['Choose …', 'Busy'])
    await act(async () => {
      select.value = '429'
      select.dispatchEvent(new Event('change', { bubbles: true }))
    })
    expect(done).toEqual(['expired', '429'])
    // What holds now is for the app to say: it may have chosen another since.
    expect(select.selectedOptions[0]?.text).toBe('Choose …')
    const bare = await mount()
    expect(bare.panel.querySelector('.af-controls')).toBeNull()
  })
})
