import { act } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { page } from 'vitest/browser'
import { shift, strike } from '../keyboard.ts'
import { ready, recording } from './incident.ts'
import { button, click, mountPanel, type Mounted, press, until } from './mount.tsx'

let mounted: Mounted | undefined
afterEach(async () => {
  await mounted?.unmount()
  mounted = undefined
})

const nameOf = (element: Element): string =>
  (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replaceAll(/\s+/g, ' ')

const isShown = (element: HTMLElement): boolean => element.checkVisibility({ visibilityProperty: true })

/** What a mouse can press or turn. What shares one stop of the Tab key with its neighbours is reached by arrow keys. */
function controlsIn(panel: Element): HTMLElement[] {
  const all = 'button, a[href], input, select, textarea, summary, [role=tab], [role=option], [tabindex]'
  return [...panel.querySelectorAll<HTMLElement>(all)].filter(
    (control) => isShown(control) && !control.matches(':disabled'),
  )
}

/** With a ring of its own, or the canvas with one around the whole timeline. */
function showsFocus(element: Element): boolean {
  const around = element.closest('.af-timeline')
  const rings = [getComputedStyle(element).outlineStyle, around && getComputedStyle(around, '::after').borderStyle]
  return rings.includes('solid')
}

/** Where the Tab key leads in the panel, from its first stop to its last. */
async function walk(panel: HTMLElement): Promise<Set<Element>> {
  const stops = new Set<Element>()
  const before = document.createElement('button')
  panel.before(before)
  before.focus()
  for (;;) {
    await strike('Tab')
    const { activeElement } = document
    if (activeElement === null || !panel.contains(activeElement) || stops.has(activeElement)) break
    stops.add(activeElement)
    expect(nameOf(activeElement), activeElement.outerHTML.slice(0, 160)).not.toBe('')
    expect(showsFocus(activeElement), `${nameOf(activeElement)} shows its focus`).toBe(true)
  }
  before.remove()
  return stops
}

it('everything that a mouse can press is reached by keys, in every tab, and shows it', async () => {
  const controls = [{ label: 'Refresh', run: () => {} }]
  mounted = await mountPanel({ recording, controls }, { width: 1_000, height: 560 })
  const { panel } = mounted
  button(panel, 'Show race')!.focus()
  await strike('Enter')
  button(panel, 'Timeline')!.focus()
  for (const [tab, sign] of Object.entries(ready)) {
    if (tab !== 'Timeline') await strike('ArrowRight')
    expect(document.activeElement).toBe(button(panel, tab))
    await until(() => panel.querySelector(sign) !== null)

    const stops = await walk(panel)
    // The arrow keys lead from the tab that is open to the others.
    const missed = controlsIn(panel).filter((control) => !stops.has(control) && control.role !== 'tab')
    expect(missed.map(nameOf)).toEqual([])
    button(panel, tab)!.focus()
  }
})

it('the menu opens, is walked, pressed and left by keys', async () => {
  mounted = await mountPanel({ recording })
  const { panel } = mounted
  const menu = panel.querySelector<HTMLElement>('.af-menu')!
  button(panel, 'More')!.focus()
  await strike('Enter')
  await until(() => button(menu, 'Keys') !== undefined)

  const stops = new Set<Element | null>()
  for (let presses = 0; presses < 30 && document.activeElement !== button(menu, 'Keys'); presses += 1) {
    await strike('Tab')
    stops.add(document.activeElement)
  }
  expect(
    controlsIn(menu)
      .filter((control) => !stops.has(control))
      .map(nameOf),
  ).toEqual([])
  await strike('Enter')
  await until(() => panel.querySelector('dialog')?.open === true)
  await strike('Escape')
  await until(() => panel.querySelector('dialog')?.open !== true)
  expect(panel.contains(document.activeElement)).toBe(true)
})

it('the arrow keys, Home and End lead along the menu, and scroll nothing', async () => {
  // So low that there is something to scroll.
  mounted = await mountPanel({ recording }, { width: 1_000, height: 160 })
  const { panel } = mounted
  const menu = panel.querySelector<HTMLElement>('.af-menu')!
  const more = button(panel, 'More')!
  more.focus()
  await strike('Enter')
  await until(() => button(menu, 'Keys') !== undefined)
  const items = controlsIn(menu)
  for (const [key, at] of [
    ['ArrowDown', 0],
    ['ArrowDown', 1],
    ['ArrowUp', 0],
    ['ArrowUp', -1],
    ['ArrowDown', 0],
    ['End', -1],
    ['Home', 0],
  ] as const) {
    await strike(key)
    expect([key, nameOf(document.activeElement!)]).toEqual([key, nameOf(items.at(at)!)])
  }
  more.focus()
  await strike('ArrowUp')
  expect(document.activeElement).toBe(items.at(-1))
  expect(panel.querySelector('.af-body')!.scrollTop).toBe(0)
  await strike('Escape')
  expect(document.activeElement).toBe(more)
  // What is closed is not walked.
  await strike('ArrowDown')
  expect(document.activeElement).toBe(more)
})

it('no key in the sheet of keys is written over what it does', async () => {
  const [width, height] = [innerWidth, innerHeight]
  mounted = await mountPanel({ recording })
  const { panel } = mounted
  await click(button(panel, 'More'))
  await until(() => button(panel, 'Keys') !== undefined)
  await click(button(panel, 'Keys'))
  await until(() => panel.querySelector('dialog')?.open === true)
  for (const wide of [1_200, 640, 360]) {
    await page.viewport(wide, 740)
    for (const row of panel.querySelectorAll('.af-keys > div')) {
      const ends = [...row.querySelectorAll('kbd')].map((key) => key.getBoundingClientRect().right)
      const begins = row.querySelector('dd')!.getBoundingClientRect().left
      expect([row.textContent, wide, Math.max(...ends) < begins]).toEqual([row.textContent, wide, true])
    }
  }
  await page.viewport(width, height)
})

const timelineOf = (panel: Element) => panel.querySelector<HTMLElement>('[role=application]')
const stepIn = (panel: Element) => panel.querySelector('.af-race p')?.textContent

describe('Escape', () => {
  it('closes the menu, and leaves the incident and the selection to the next one', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    const menu = panel.querySelector<HTMLElement>('.af-menu')!
    button(panel, 'Show race')!.focus()
    await strike('Enter')
    await until(() => stepIn(panel) !== undefined)
    button(panel, 'More')!.focus()
    await strike('Enter')
    await until(() => button(menu, 'Keys') !== undefined)
    await strike('Tab')
    expect(menu.contains(document.activeElement)).toBe(true)
    await strike('Escape')
    expect(menu.matches(':popover-open')).toBe(false)
    expect(stepIn(panel)).toContain('Step 1 of 5')
    await strike('Escape')
    expect(stepIn(panel)).toBeUndefined()
  })

  it('is for what is around the panel where there is nothing to leave', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    const heard: boolean[] = []
    const hear = ({ key, defaultPrevented }: KeyboardEvent) => void (key === 'Escape' && heard.push(defaultPrevented))
    addEventListener('keydown', hear)
    timelineOf(panel)!.focus()
    await press(timelineOf(panel)!, 'j')
    await strike('Escape')
    await strike('Escape')
    removeEventListener('keydown', hear)
    expect(heard).toEqual([true, false])
  })
})

describe('the keyboard stays in the panel', () => {
  it('from an incident in Why? along its steps to its end', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    await click(button(panel, 'Why?'))
    await until(() => panel.querySelector('.af-incident') !== null)
    panel.querySelector<HTMLElement>('.af-incident .af-pill')!.focus()
    await strike('Enter')
    expect(document.activeElement).toBe(timelineOf(panel))
    await until(() => stepIn(panel) !== undefined)
    await strike('ArrowRight')
    expect(stepIn(panel)).toContain('Step 2 of 5')
    await strike('Escape')
    expect(stepIn(panel)).toBeUndefined()
    expect(document.activeElement).toBe(timelineOf(panel))
  })

  it('from the headline to the steps, and on the buttons of the first and the last of them', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    button(panel, 'Show race')!.focus()
    await strike('Enter')
    await until(() => stepIn(panel) !== undefined)
    await strike('ArrowRight')
    expect(stepIn(panel)).toContain('Step 2 of 5')
    const back = button(panel, 'To its cause')!
    back.focus()
    await strike('Enter')
    await strike('Enter')
    expect(stepIn(panel)).toContain('Step 1 of 5')
    expect(document.activeElement).toBe(back)
    expect(back.getAttribute('aria-disabled')).toBe('true')
    button(panel, 'Show everything')!.focus()
    await strike('Enter')
    expect(document.activeElement).toBe(timelineOf(panel))
  })

  it('when the tab that is open is another one', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    await click(button(panel, 'Show race'))
    await until(() => stepIn(panel) !== undefined)
    await click(button(panel, 'Table'))
    await until(() => panel.querySelector('.af-row') !== null)
    button(panel, 'Show everything')!.focus()
    await strike('Enter')
    expect(document.activeElement).toBe(panel.querySelector('[role=grid]'))
    button(panel, 'Zoom to it')!.focus()
    await strike('Enter')
    expect(document.activeElement).toBe(timelineOf(panel))
  })

  it('from what is selected to its effect and back to its cause, with shift and an arrow', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    const title = () => panel.querySelector('.af-detail h2')?.textContent
    timelineOf(panel)!.focus()
    await press(timelineOf(panel)!, 'j')
    await until(() => title() === 'Refresh #1')
    await strike('ArrowRight', shift)
    expect(title()).not.toBe('Refresh #1')
    await strike('ArrowLeft', shift)
    expect(title()).toBe('Refresh #1')
    expect(document.activeElement).toBe(timelineOf(panel))
  })

  it('along what is related to what is selected', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    timelineOf(panel)!.focus()
    await press(timelineOf(panel)!, 'j')
    button(panel, 'Sent')!.focus()
    await strike('Enter')
    expect(panel.querySelector('.af-detail h2')?.textContent).toContain('POST token')
    expect(document.activeElement).toBe(panel.querySelector('.af-detail'))
  })

  it('when a file, a message about another one, and what was wrong with a part of the panel are closed', async () => {
    mounted = await mountPanel()
    const { panel, render } = mounted
    const drop = (name: string, text: string) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([text], name))
      const dropped = new DragEvent('drop', { dataTransfer, bubbles: true })
      return act(async () => void panel.querySelector('.af-view')!.dispatchEvent(dropped))
    }
    await drop('good.json', JSON.stringify(recording))
    await until(() => button(panel, 'Close file') !== undefined)
    await drop('bad.json', '{')
    await until(() => button(panel, 'Close message') !== undefined)
    for (const name of ['Close message', 'Close file']) {
      button(panel, name)!.focus()
      await strike('Enter')
      expect(button(panel, name)).toBeUndefined()
      expect(document.activeElement).toBe(timelineOf(panel))
    }
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    await render({ controls: [null as never] })
    await render({ controls: [] })
    errors.mockRestore()
    button(panel, 'Show it again')!.focus()
    await strike('Enter')
    expect(document.activeElement).toBe(timelineOf(panel))
  })
})
