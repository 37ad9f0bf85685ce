import { recorderHook, type AuthRecord } from '@authflight/client'
import { act } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recordTime } from '../../src/model/relay.ts'
import { palettes } from '../../src/timeline/palette.ts'
import { claimWait, discardBySignOut, flight, mixed, moveTo, record, signedIn, sourceOf, storm } from '../fixtures.ts'
import { send } from '../protocol.ts'
import {
  button,
  click,
  findViolations,
  mountPanel,
  type Mounted,
  nextFrame,
  press,
  type as typeInto,
  until,
} from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function register(records: readonly AuthRecord[]) {
  const source = sourceOf(moveTo(records, recordTime(), 2_000))
  undo.push(recorderHook().register(source))
  return source
}

async function mount(...given: Parameters<typeof mountPanel>): Promise<Mounted> {
  const mounted = await mountPanel(...given)
  undo.push(mounted.unmount)
  await nextFrame()
  return mounted
}

const headline = (panel: Element) => panel.querySelector('.af-headline p')?.textContent
const spoken = (panel: Element) => panel.querySelector('[aria-live]')?.textContent
const facts = (panel: Element) => {
  const rows = [...panel.querySelectorAll('.af-facts > div')]
  return Object.fromEntries(
    rows.map((row) => [row.querySelector('dt')?.textContent, row.querySelector('dd')?.textContent]),
  )
}

/** The colour on the canvas at a point of the page. */
function pixelAt(canvas: HTMLCanvasElement, clientX: number, clientY: number): string {
  const box = canvas.getBoundingClientRect()
  const x = Math.round((clientX - box.left) * devicePixelRatio)
  const y = Math.round((clientY - box.top) * devicePixelRatio)
  const [red, green, blue] = canvas.getContext('2d')!.getImageData(x, y, 1, 1).data
  return `#${[red, green, blue].map((part) => part!.toString(16).padStart(2, '0')).join('')}`
}

/** What the browser's accessibility tree of this page says, as text. */
async function readTree(): Promise<string> {
  interface Frame {
    readonly frame: { readonly id: string; readonly url: string }
    readonly childFrames?: readonly Frame[]
  }
  const { frameTree } = await send<{ frameTree: Frame }>('Page.getFrameTree')
  const frames = [frameTree]
  for (const { childFrames = [] } of frames) frames.push(...childFrames)
  const frameId = frames.find(({ frame }) => frame.url === location.href)?.frame.id
  return JSON.stringify(await send('Accessibility.getFullAXTree', { frameId }))
}

describe('the panel', () => {
  it('opens late and still says what happened before', async () => {
    register(storm())
    const { panel } = await mount()
    await until(
      () =>
        headline(panel) ===
        'All is well: 1 refresh served 1,000 callers in 118 ms and saved 999 token requests. Generation 1 → 2.',
    )
    expect(panel.querySelector('.af-stats')?.textContent).toContain('waiters999')
  })

  it('says what to do until there is a session, though the page itself has been heard of', async () => {
    const source = register([record('authflight.record.network', 0, 0)])
    const { panel } = await mount()
    await until(() => panel.querySelector('.af-lane-labels')?.textContent === 'page')
    expect(panel.querySelector('.af-empty')?.textContent).toContain('Sign in')
    for (const made of moveTo(signedIn(0), recordTime(), 0)) source.push(made)
    await until(() => panel.querySelector('.af-empty') === null)
  })

  it('shows what comes while it is open', async () => {
    const source = register(storm())
    const { panel } = await mount()
    for (const made of moveTo(
      flight({ at: 0, lasting: 90, outcome: 'failed', status: 500, error: 'server_error' }),
      recordTime(),
      0,
    ))
      source.push(made)
    await until(() => headline(panel) === 'Refresh #2 failed: the server answered HTTP 500. Account 1 stays signed in.')
    await until(() => button(panel, 'Previous problem')?.getAttribute('aria-disabled') === 'false')
    await click(button(panel, 'Previous problem'))
    await until(() => spoken(panel) === 'Refresh #2, Tab A, failed, 90 ms')
  })

  it('draws the flight where its selection frame stands, in the colour of its outcome', async () => {
    register(storm())
    const { panel } = await mount({ theme: 'light' })
    await click(button(panel, 'Show'))
    const frame = panel.querySelector('.af-selection')!.getBoundingClientRect()
    expect(frame.width).toBeGreaterThan(200)
    const canvas = panel.querySelector<HTMLCanvasElement>('.af-stage canvas')!
    expect(pixelAt(canvas, frame.right - 12, frame.top + frame.height / 2)).toBe(palettes.light.tones.good.fill)
    // The ground, or a line of the ruler.
    expect(pixelAt(canvas, frame.left - 12, frame.top + frame.height / 2)).not.toBe(palettes.light.tones.good.fill)
  })

  it('tells all about what is selected, and speaks it', async () => {
    register(discardBySignOut())
    const { panel } = await mount()
    await press(panel.querySelector('[role=application]')!, 'k')
    expect(facts(panel)).toMatchObject({
      Outcome: 'discarded',
      Reason: 'signed out',
      Revocation: 'done',
      Waiters: '2',
      HTTP: '200',
      Generation: '1',
    })
    expect(spoken(panel)).toBe('Refresh #1, Tab A, discarded, 1.4 s, 2 waiters')
    await click(button(panel, 'Sent: POST token 200 of #1'))
    expect(panel.querySelector('.af-detail h2')?.textContent).toBe('POST token 200 of #1')
  })

  it('says of a flight whose generation another one presents meanwhile, where a screen reader finds it', async () => {
    const elsewhere = { tab: 'tab-2', client: 'client-2' }
    register([
      ...flight({ at: 0, lasting: 90 }),
      ...flight({ at: 40, lasting: 80, ...elsewhere, outcome: 'rejected', status: 400, error: 'invalid_grant' }),
    ])
    const { panel } = await mount()
    const tree = await readTree()
    expect(tree).not.toContain('the same generation')
    await press(panel.querySelector('[role=application]')!, 'p')
    expect(await readTree()).toContain(
      'Refresh #2, Tab B, rejected by the server, 80 ms, wanted the same generation as refresh #1',
    )
  })

  it('shows names of accounts that the app gives, and only there', async () => {
    register(storm())
    const { panel } = await mount({ accountLabel: (account) => (account === 'a1' ? 'alice' : undefined) })
    await until(() => panel.querySelectorAll('.af-lane-labels li').length > 0)
    expect(panel.querySelector('.af-lane-labels')?.textContent).toContain('alice')
  })

  it.each([
    [128, ''],
    [129, 'more in the table'],
  ])('says beside a lane what its last line cannot show: %i refreshes at once', async (count, told) => {
    const records = Array.from({ length: count }, (_, at) => record('authflight.refresh', at, 1_000))
    const { panel } = await mount({ recording: { v: 1, records } })
    const lane = () => panel.querySelector('.af-lane-labels [data-kind=lane]')
    await until(() => lane() !== null)
    expect(lane()!.textContent).toBe(`Tab A${told}`)
  })

  it('shows hostile words as words', async () => {
    const [refresh, ...rest] = storm().filter(({ name }) => name === 'authflight.refresh')
    const hostile = '<img src=x onerror="window.hurt = true">'
    register([{ ...refresh!, attributes: { ...refresh!.attributes, 'authflight.refresh.outcome': hostile } }, ...rest])
    const { panel } = await mount({ accountLabel: () => hostile })
    await press(panel.querySelector('[role=application]')!, 'k')
    expect(panel.querySelector('img')).toBeNull()
    expect(panel.querySelector('.af-badge')?.textContent).toContain('<img')
    expect('hurt' in window).toBe(false)
  })
})

it('is the only one that is lost when a part of it throws, and can be shown again', async () => {
  register(storm())
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
  undo.push(() => errors.mockRestore())
  const { panel, render } = await mount({ theme: 'light', controls: [null as never] })
  const message = panel.querySelector<HTMLElement>('[role=alert]')!
  expect(message.textContent).toContain('Your app is not touched by it.')
  expect(getComputedStyle(message).display).toBe('flex')
  expect(await findViolations(panel)).toEqual([])
  await render({ controls: [] })
  await click(button(panel, 'Show it again'))
  await until(() => headline(panel)?.startsWith('All is well') === true)
})

describe('the keys of the focused timeline', () => {
  it('step through problems, pause and follow, and zoom to what is selected', async () => {
    register(mixed())
    const { panel } = await mount()
    const timeline = panel.querySelector<HTMLElement>('[role=application]')!
    const live = button(panel, 'Live')!
    expect(live.getAttribute('aria-pressed')).toBe('true')
    timeline.focus()
    await press(timeline, 'p')
    expect(spoken(panel)).toBe('Refresh #4, Account 1, Tab A, failed, 15 ms, 6 waiters')
    await press(timeline, 'p')
    expect(spoken(panel)).toBe('Refresh #2, Account 1, Tab A, failed, 90 ms, 3 waiters')
    expect(live.getAttribute('aria-pressed')).toBe('false')
    await press(timeline, 'Enter')
    expect(panel.querySelector('.af-selection')!.getBoundingClientRect().width).toBeGreaterThan(100)
    await press(timeline, ' ')
    expect(live.getAttribute('aria-pressed')).toBe('true')
    await press(timeline, 'ArrowLeft')
    expect(live.getAttribute('aria-pressed')).toBe('false')
  })

  it('are heard from everywhere in the panel, but not in fields and not outside', async () => {
    register(mixed())
    const { panel } = await mount()
    await press(panel.querySelector('.af-filter input')!, 'p')
    await press(document.body, 'p')
    expect(spoken(panel)).toBe('')
    await press(button(panel, 'Rec')!, 'p')
    expect(spoken(panel)).toBe('Refresh #4, Account 1, Tab A, failed, 15 ms, 6 waiters')
  })

  it('leave space, enter and arrows to the buttons that need them', async () => {
    register(mixed())
    const { panel } = await mount()
    const live = button(panel, 'Live')!
    await press(live, ' ', 'ArrowLeft')
    expect(live.getAttribute('aria-pressed')).toBe('true')
  })
})

describe('the bar between timeline and detail', () => {
  it('is moved by arrow keys within its limits', async () => {
    register(storm())
    const { panel } = await mount()
    const bar = panel.querySelector('[role=separator]')!
    const side = () => Math.round(panel.querySelector('.af-side')!.getBoundingClientRect().width)
    const before = side()
    await press(bar, 'ArrowLeft', 'ArrowLeft')
    expect(side() - before).toBe(60)
    await press(bar, 'Home')
    expect([bar.getAttribute('aria-valuenow'), side()]).toEqual(['70', 700])
  })
})

describe('the theme', () => {
  it('follows the page, and changes with it', async () => {
    undo.push(() => document.documentElement.removeAttribute('style'))
    document.documentElement.style.colorScheme = 'dark'
    const { panel } = await mount()
    await until(() => panel.dataset['theme'] === 'dark')
    document.documentElement.style.colorScheme = 'light'
    await until(() => panel.dataset['theme'] === 'light')
    expect(getComputedStyle(panel).colorScheme).toBe('light')
  })

  it('is the one that is asked for', async () => {
    const { panel } = await mount({ theme: 'dark' })
    expect(panel.dataset['theme']).toBe('dark')
  })
})

describe('the table', () => {
  async function openTable(records: readonly AuthRecord[]): Promise<HTMLElement> {
    register(records)
    const { panel } = await mount()
    await click(button(panel, 'Table'))
    await until(() => panel.querySelectorAll('.af-row').length > 0)
    return panel
  }
  const cells = (panel: Element, column: string) =>
    [...panel.querySelectorAll(`.af-row [data-column=${column}]`)].map((cell) => cell.textContent)

  it('has everything that is on the canvas, and each flight by itself', async () => {
    const panel = await openTable(mixed())
    expect(panel.querySelector('[role=grid]')?.getAttribute('aria-rowcount')).toBe(String(mixed().length + 1))
    await click(button(panel, 'Refreshes'))
    expect(cells(panel, 'what')).toEqual(['#7', '#6', '#5', '#4', '#3', '#2', '#1'].map((name) => `Refresh ${name}`))
    expect(cells(panel, 'waiters')).toEqual(['2', '12', '8', '6', '41', '3', '0'])
    expect(cells(panel, 'http')).toEqual(['200', '200', '200', '', '200', '429', '200'])
  })

  it('says whose each row is, and finds it by the name that the app gives', async () => {
    register(mixed())
    const { panel } = await mount({ accountLabel: (account) => (account === 'a2' ? 'bob' : undefined) })
    await click(button(panel, 'Table'))
    await click(button(panel, 'Refreshes'))
    await until(() => cells(panel, 'account').length === 7)
    expect(cells(panel, 'account')).toEqual(['bob', ...Array.from({ length: 6 }, () => 'Account 1')])
    await typeInto(panel.querySelector<HTMLInputElement>('.af-filter input')!, 'account:bob')
    await until(() => cells(panel, 'what').length === 1)
    expect(cells(panel, 'what')).toEqual(['Refresh #7'])
    await click(panel.querySelector('.af-row'))
    expect(facts(panel)).toMatchObject({ Account: 'bob' })
    expect(spoken(panel)).toBe('Refresh #7, bob, Tab B, rotated, 240 ms, 2 waiters')
  })

  it('is sorted by its headers, and says so', async () => {
    const panel = await openTable(mixed())
    await click(button(panel, 'Refreshes'))
    const header = () =>
      [...panel.querySelectorAll('[role=columnheader]')].find((found) => found.textContent?.trim() === 'Waiters')!
    expect(header().getAttribute('aria-sort')).toBe('none')
    await click(header().querySelector('button'))
    expect(header().getAttribute('aria-sort')).toBe('ascending')
    expect(cells(panel, 'waiters')).toEqual(['0', '2', '3', '6', '8', '12', '41'])
    await click(header().querySelector('button'))
    expect(header().getAttribute('aria-sort')).toBe('descending')
    expect(cells(panel, 'waiters')[0]).toBe('41')
  })

  it('is walked with the arrow keys, and tells which row is active', async () => {
    const panel = await openTable(mixed())
    await click(button(panel, 'Problems'))
    const grid = panel.querySelector<HTMLElement>('[role=grid]')!
    grid.focus()
    await press(grid, 'ArrowDown')
    expect(spoken(panel)).toBe('Refresh #4, Account 1, Tab A, failed, 15 ms, 6 waiters')
    await press(grid, 'ArrowDown')
    expect(spoken(panel)).toBe('Refresh #2, Account 1, Tab A, failed, 90 ms, 3 waiters')
    const active = document.getElementById(grid.getAttribute('aria-activedescendant')!)
    expect(active?.getAttribute('aria-selected')).toBe('true')
  })

  it('means the row that is shown, though the model has let rows go meanwhile', async () => {
    const panel = await openTable([...flight({ at: 0, lasting: 100 }), ...flight({ at: 500, lasting: null })])
    const menu = panel.querySelector<HTMLElement>('.af-menu')!
    await act(async () => menu.showPopover())
    await until(() => button(menu, 'Clear') !== undefined)
    await click(button(menu, 'Clear'))
    expect(cells(panel, 'what')).toContain('Refresh #1')
    const grid = panel.querySelector('[role=grid]')!
    await act(async () => {
      // What was open stays, as the first of what is left.
      button(menu, 'Clear')!.click()
      grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true, cancelable: true }))
    })
    await until(() => spoken(panel) !== '')
    expect(spoken(panel)).toBe('POST token of #1, Tab A, open, still open')
  })

  it('is scrolled, though the model has let rows go meanwhile', async () => {
    const many = Array.from({ length: 500 }, (_, index) => flight({ at: index * 30, lasting: 10 })).flat()
    const panel = await openTable([...many, ...flight({ at: 16_000, lasting: null })])
    const menu = panel.querySelector<HTMLElement>('.af-menu')!
    await act(async () => menu.showPopover())
    await until(() => button(menu, 'Clear') !== undefined)
    await click(button(menu, 'Clear'))
    const grid = panel.querySelector('[role=grid]')!
    await act(async () => {
      grid.scrollTop = grid.scrollHeight
      grid.dispatchEvent(new Event('scroll'))
    })
    await until(() => cells(panel, 'what').includes('Refresh #1'))
    await act(async () => {
      button(menu, 'Clear')!.click()
      grid.scrollTop -= 300
      grid.dispatchEvent(new Event('scroll'))
    })
    await until(() => panel.querySelectorAll('.af-row').length === 2)
    expect(panel.querySelector('[role=alert]')).toBeNull()
  })

  it('renders only the rows in view', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => flight({ at: index * 30, lasting: 10 })).flat()
    const panel = await openTable(many)
    expect(panel.querySelectorAll('.af-row').length).toBeLessThan(60)
    const grid = panel.querySelector('[role=grid]')!
    await act(async () => void (grid.scrollTop = 26 * 5_000))
    await until(() => panel.querySelector('.af-row[aria-rowindex="5004"]') !== null)
    const row = panel.querySelector('.af-row[aria-rowindex="5004"]')!.getBoundingClientRect()
    const box = grid.getBoundingClientRect()
    expect([row.top > box.top, row.bottom < box.bottom]).toEqual([true, true])
    expect(panel.querySelectorAll('.af-row').length).toBeLessThan(60)
  })
})

describe('a panel of 400 pixels', () => {
  it('shows every figure of the last line on the tab that has it', async () => {
    register([...mixed(), record('authflight.refresh', 0, 1), ...claimWait()])
    const { panel } = await mount({}, { width: 400, height: 420 })
    await click(button(panel, 'Stats'))
    await until(() => panel.querySelector('.af-tiles') !== null)
    await until(() => panel.querySelector('.af-stats')?.textContent?.includes('429') === true)
    const frame = panel.getBoundingClientRect()
    const line = panel.querySelector('.af-stats')!.getBoundingClientRect()
    expect(line.bottom).toBeLessThanOrEqual(frame.bottom)
    expect(line.height).toBeGreaterThan(20)
    for (const figure of panel.querySelectorAll('.af-stats > div')) {
      const { left, right, top, bottom } = figure.getBoundingClientRect()
      expect([left >= frame.left, right <= frame.right, top >= line.top, bottom <= line.bottom]).not.toContain(false)
    }
  })
})

it('says beside the timeline and beside the table what to select', async () => {
  register(storm())
  const { panel } = await mount()
  const hint = () => panel.querySelector('.af-hint')?.textContent
  await until(() => hint()?.startsWith('Select a bar ') === true)
  await click(button(panel, 'Table'))
  await until(() => hint()?.startsWith('Select a row ') === true)
})

describe('two panels', () => {
  it('leave nothing behind when they go', async () => {
    register(claimWait())
    const before = document.adoptedStyleSheets.length
    const first = await mountPanel()
    const second = await mountPanel()
    expect(document.adoptedStyleSheets.length).toBe(before + 1)
    await first.unmount()
    expect(document.adoptedStyleSheets.length).toBe(before + 1)
    await second.unmount()
    expect(document.adoptedStyleSheets.length).toBe(before)
  })

  it('stop drawing when they are gone', async () => {
    register(flight({ at: 0, lasting: null }))
    const { unmount } = await mountPanel()
    await nextFrame()
    await unmount()
    const real = window.requestAnimationFrame
    let asked = 0
    window.requestAnimationFrame = (callback) => (asked++, real(callback))
    undo.push(() => (window.requestAnimationFrame = real))
    await new Promise((done) => real(() => real(done)))
    expect(asked).toBe(0)
  })
})

it('reads no more while paused, and catches up on resuming', async () => {
  const source = register(storm())
  const { panel } = await mount()
  await click(button(panel, 'Rec'))
  for (const made of moveTo(flight({ at: 0, lasting: 70 }), recordTime(), 0)) source.push(made)
  await nextFrame()
  expect(headline(panel)).toContain('1 refresh served 1,000 callers')
  await click(button(panel, 'Paused'))
  await until(() => headline(panel) === 'Refresh #2 brought a new token in 70 ms: generation 1 → 2.')
})
